using System.Buffers;
using System.Text;

namespace SmartCity.Mqtt;

/// <summary>UNSUBSCRIBE (§3.10), fixed header flags 0010: <code>packet identifier (2) | v5: properties | one or more topic filters</code></summary>
public sealed record UnsubscribePacket(ushort PacketId, IReadOnlyList<string> Filters)
{
    /// <summary>v5 only.</summary>
    public MqttProperties? Properties { get; init; }

    public static bool TryParse(
        byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version, out UnsubscribePacket? packet, out MqttViolation? violation)
    {
        var reader = PacketFlags.Open(MqttPacketType.Unsubscribe, flags, body);
        var packetId = reader.ReadPacketId();
        var properties = version == MqttProtocolVersion.V500 ? MqttProperties.Read(ref reader, PropertyScopes.Unsubscribe) : null;
        if (reader.IsEmpty) reader.Fail(MqttViolation.Protocol("UNSUBSCRIBE without a topic filter.", "MQTT-3.10.3-2"));
        var filters = new List<string>();
        while (!reader.IsEmpty)
        {
            var filter = reader.ReadUtf8("topic filter");
            if (reader.Violation is null && MqttTopic.CheckFilter(filter) is { } wrong) reader.Fail(wrong);
            filters.Add(Encoding.UTF8.GetString(filter));
        }

        violation = reader.Finish("UNSUBSCRIBE") ? null : reader.Violation;
        packet = violation is null ? new(packetId, filters) { Properties = properties } : null;
        return violation is null;
    }

    public void Write(IBufferWriter<byte> output, MqttProtocolVersion version)
    {
        var properties = PropertySection.Encode(Properties);
        var size = 2 + PropertySection.Size(version, properties.Length) + Filters.Sum(PacketWriter.Utf8Size);
        var writer = PacketWriter.Begin(output, MqttPacketType.Unsubscribe, PacketFlags.For(MqttPacketType.Unsubscribe), size);
        writer.UInt16(PacketId);
        PropertySection.Write(ref writer, version, properties);
        foreach (var filter in Filters) writer.Utf8(filter);
        writer.End();
    }
}
