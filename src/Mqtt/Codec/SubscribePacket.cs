using System.Buffers;
using System.Text;

namespace SmartCity.Mqtt;

/// <summary>
/// SUBSCRIBE (§3.8), fixed header flags 0010:
/// <code>packet identifier (2) | v5: properties | one or more of: topic filter, options: 00, retain handling (2 bits), RAP, NL, QoS (2 bits)</code>
/// </summary>
public sealed record SubscribePacket(ushort PacketId, IReadOnlyList<MqttSubscription> Subscriptions)
{
    /// <summary>v5 only.</summary>
    public MqttProperties? Properties { get; init; }

    public static bool TryParse(
        byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version, out SubscribePacket? packet, out MqttViolation? violation)
    {
        var v5 = version == MqttProtocolVersion.V500;
        var reader = PacketFlags.Open(MqttPacketType.Subscribe, flags, body);
        var packetId = reader.ReadPacketId();
        var properties = v5 ? MqttProperties.Read(ref reader, PropertyScopes.Subscribe) : null;
        if (reader.IsEmpty) reader.Fail(MqttViolation.Protocol("SUBSCRIBE without a topic filter.", "MQTT-3.8.3-2"));
        var subscriptions = new List<MqttSubscription>();
        while (!reader.IsEmpty)
        {
            var filter = reader.ReadUtf8("topic filter");
            if (reader.Violation is null && MqttTopic.CheckFilter(filter) is { } wrong) reader.Fail(wrong);
            var options = reader.ReadByte("subscription options");
            CheckOptions(ref reader, options, v5, filter);
            subscriptions.Add(new(Encoding.UTF8.GetString(filter), (MqttQoS)(options & 3), (options & 4) != 0, (options & 8) != 0, (byte)((options >> 4) & 3)));
        }

        violation = reader.Finish("SUBSCRIBE") ? null : reader.Violation;
        packet = violation is null ? new(packetId, subscriptions) { Properties = properties } : null;
        return violation is null;
    }

    public void Write(IBufferWriter<byte> output, MqttProtocolVersion version)
    {
        var v5 = version == MqttProtocolVersion.V500;
        var properties = PropertySection.Encode(Properties);
        var size = 2 + PropertySection.Size(version, properties.Length) + Subscriptions.Sum(s => PacketWriter.Utf8Size(s.Filter) + 1);
        var writer = PacketWriter.Begin(output, MqttPacketType.Subscribe, PacketFlags.For(MqttPacketType.Subscribe), size);
        writer.UInt16(PacketId);
        PropertySection.Write(ref writer, version, properties);
        foreach (var s in Subscriptions)
        {
            writer.Utf8(s.Filter);
            var options = (int)s.QoS;
            if (v5) options |= (s.NoLocal ? 4 : 0) | (s.RetainAsPublished ? 8 : 0) | (s.RetainHandling << 4);
            writer.Byte((byte)options);
        }

        writer.End();
    }

    private static void CheckOptions(ref PacketReader reader, byte options, bool v5, ReadOnlySpan<byte> filter)
    {
        if ((options & (v5 ? 0xC0 : 0xFC)) != 0) reader.Fail(MqttViolation.Malformed("Reserved subscription options are set.", "MQTT-3.8.3-5"));
        if ((options & 3) == 3) reader.Fail(MqttViolation.Malformed("A subscription with QoS 3.", "MQTT-3.8.3-5"));
        if (v5 && ((options >> 4) & 3) == 3) reader.Fail(MqttViolation.Protocol("Retain handling is 3.", "MQTT 5.0 §3.8.3.1"));
        if (v5 && (options & 4) != 0 && filter.StartsWith("$share/"u8))
        {
            reader.Fail(MqttViolation.Protocol("No local on a shared subscription.", "MQTT-3.8.3-4"));
        }
    }
}
