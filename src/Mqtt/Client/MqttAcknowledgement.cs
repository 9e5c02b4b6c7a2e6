namespace SmartCity.Mqtt;

/// <summary>The acknowledgement of one pipelined message.</summary>
/// <param name="Elapsed">From writing the PUBLISH to reading the PUBACK or PUBCOMP.</param>
public readonly record struct MqttAcknowledgement(ushort PacketId, MqttReasonCode ReasonCode, TimeSpan Elapsed);
