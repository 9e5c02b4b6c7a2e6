namespace SmartCity.Mqtt;

/// <summary>The message that the server publishes when the connection ends without a DISCONNECT (§3.1.2.5).</summary>
public sealed record MqttWill(string Topic, byte[] Payload, MqttQoS QoS, bool Retain)
{
    /// <summary>v5 only; may hold the will delay interval and message properties.</summary>
    public MqttProperties? Properties { get; init; }
}
