namespace SmartCity.Mqtt;

/// <summary>MQTT control packet types, the upper four bits of the first byte (MQTT 5.0 §2.1.2).</summary>
public enum MqttPacketType : byte
{
    /// <summary>Forbidden on the wire.</summary>
    Reserved = 0,
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    PubRec = 5,
    PubRel = 6,
    PubComp = 7,
    Subscribe = 8,
    SubAck = 9,
    Unsubscribe = 10,
    UnsubAck = 11,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,

    /// <summary>MQTT 5.0 only.</summary>
    Auth = 15,
}
