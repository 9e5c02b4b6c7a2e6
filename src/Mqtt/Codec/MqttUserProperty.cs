namespace SmartCity.Mqtt;

/// <summary>A v5 user property; names may repeat, order counts.</summary>
public readonly record struct MqttUserProperty(string Name, string Value);
