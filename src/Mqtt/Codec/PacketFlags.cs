namespace SmartCity.Mqtt;

/// <summary>The reserved flags of the fixed header (§2.1.3): 0010 for PUBREL, SUBSCRIBE and UNSUBSCRIBE, 0000 for all others but PUBLISH.</summary>
internal static class PacketFlags
{
    public static byte For(MqttPacketType type) =>
        type is MqttPacketType.PubRel or MqttPacketType.Subscribe or MqttPacketType.Unsubscribe ? (byte)2 : (byte)0;

    public static PacketReader Open(MqttPacketType type, byte flags, ReadOnlySpan<byte> body)
    {
        var reader = new PacketReader(body);
        if (flags != For(type))
        {
            reader.Fail(MqttViolation.Malformed($"{type}: the flags of the fixed header are {flags:b4}, not {For(type):b4}.", "MQTT-2.1.3-1"));
        }

        return reader;
    }
}
