namespace SmartCity.Mqtt;

/// <summary>A will with the connection that left it.</summary>
internal sealed record PendingWill(MqttWill Will, MqttConnectionInfo Connection);
