namespace SmartCity.Mqtt;

/// <summary>A message that a client received.</summary>
public sealed record MqttMessage(string Topic, ReadOnlyMemory<byte> Payload, MqttQoS QoS, bool Retain, bool Duplicate)
{
    /// <summary>v5 only; null when there are none.</summary>
    public MqttProperties? Properties { get; init; }

    internal ushort PacketId { get; init; }
}
