namespace SmartCity.Mqtt;

/// <summary>A message that a client sends.</summary>
/// <param name="Topic">UTF-8 topic name.</param>
/// <param name="Properties">Encoded v5 properties without their length.</param>
internal readonly record struct OutboundPublish(
    ReadOnlyMemory<byte> Topic, ReadOnlyMemory<byte> Properties, ReadOnlyMemory<byte> Payload, MqttQoS QoS, bool Retain);
