namespace SmartCity.Mqtt;

/// <summary>The places where a property may stand: a packet type, or the will inside CONNECT. One bit per packet type, bit 0 for the will.</summary>
[Flags]
internal enum PropertyScopes : ushort
{
    None = 0,
    Will = 1 << 0,
    Connect = 1 << MqttPacketType.Connect,
    ConnAck = 1 << MqttPacketType.ConnAck,
    Publish = 1 << MqttPacketType.Publish,
    PubAck = 1 << MqttPacketType.PubAck,
    PubRec = 1 << MqttPacketType.PubRec,
    PubRel = 1 << MqttPacketType.PubRel,
    PubComp = 1 << MqttPacketType.PubComp,
    Subscribe = 1 << MqttPacketType.Subscribe,
    SubAck = 1 << MqttPacketType.SubAck,
    Unsubscribe = 1 << MqttPacketType.Unsubscribe,
    UnsubAck = 1 << MqttPacketType.UnsubAck,
    Disconnect = 1 << MqttPacketType.Disconnect,
    Auth = 1 << MqttPacketType.Auth,
    Acks = PubAck | PubRec | PubRel | PubComp | SubAck | UnsubAck,
    Message = Publish | Will,
    Any = Will | Connect | Publish | Acks | ConnAck | Subscribe | Unsubscribe | Disconnect | Auth,
}
