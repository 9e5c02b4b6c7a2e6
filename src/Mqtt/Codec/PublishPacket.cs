using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>
/// PUBLISH (§3.3), a view over the bytes received; nothing is copied or allocated. Fixed header flags: <c>DUP, QoS (2 bits), RETAIN</c>.
/// <code>topic name | if QoS &gt; 0: packet identifier (2) | v5: properties | payload: the rest</code>
/// </summary>
public readonly ref struct PublishPacket
{
    private const byte RetainFlag = 1;
    private const byte DuplicateFlag = 8;

    /// <summary>Payloads above this many bytes are copied piecewise, so that a pipe need not provide one contiguous block.</summary>
    private const int SplitAbove = 2048;

    /// <summary>UTF-8 topic name; empty only in v5 together with a topic alias.</summary>
    public ReadOnlySpan<byte> Topic { get; private init; }

    public ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>The v5 property section without its length, validated; empty for 3.1.1. Walk it with <see cref="EnumerateProperties"/>.</summary>
    public ReadOnlySpan<byte> Properties { get; private init; }

    public MqttQoS QoS { get; private init; }

    public bool Retain { get; private init; }

    public bool Duplicate { get; private init; }

    /// <summary>0 for QoS 0.</summary>
    public ushort PacketId { get; private init; }

    /// <summary>v5 topic alias, 0 for none.</summary>
    public ushort TopicAlias { get; private init; }

    /// <summary>v5: carries subscription identifiers, as only a server's may.</summary>
    public bool HasSubscriptionIdentifier { get; private init; }

    public MqttPropertyEnumerator EnumerateProperties() => new(Properties, PropertyScopes.Publish);

    /// <summary>Parses a PUBLISH body.</summary>
    /// <param name="flags">Lower four bits of the first byte.</param>
    public static bool TryParse(
        byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version, out PublishPacket packet, out MqttViolation? violation)
    {
        var reader = new PacketReader(body);
        var qos = (flags >> 1) & 3;
        if (qos == 3) reader.Fail(MqttViolation.Malformed("PUBLISH with QoS 3.", "MQTT-3.3.1-4"));
        if (qos == 0 && (flags & DuplicateFlag) != 0) reader.Fail(MqttViolation.Malformed("PUBLISH with DUP and QoS 0.", "MQTT-3.3.1-2"));
        var topic = reader.ReadBinary("topic name");
        var packetId = qos > 0 ? reader.ReadPacketId() : (ushort)0;
        ushort alias = 0;
        var identified = false;
        var properties = default(ReadOnlySpan<byte>);
        if (version == MqttProtocolVersion.V500)
        {
            properties = reader.ReadPropertySection();
            if (!properties.IsEmpty && ReadProperties(properties, out alias, out identified) is { } wrong) reader.Fail(wrong);
        }

        if (reader.Violation is null && !(topic.IsEmpty && alias != 0) && MqttTopic.CheckName(topic) is { } bad) reader.Fail(bad);
        violation = reader.Violation;
        packet = new()
        {
            Topic = topic,
            PacketId = packetId,
            Properties = properties,
            TopicAlias = alias,
            HasSubscriptionIdentifier = identified,
            QoS = (MqttQoS)qos,
            Retain = (flags & RetainFlag) != 0,
            Duplicate = (flags & DuplicateFlag) != 0,
            Payload = reader.ReadRest(),
        };
        return violation is null;
    }

    /// <summary>Bytes of the whole packet.</summary>
    public static int Size(MqttProtocolVersion version, MqttQoS qos, int topicLength, int propertiesLength, int payloadLength)
    {
        var remaining = Remaining(version, qos, topicLength, propertiesLength, payloadLength);
        return 1 + VarInt.Size((uint)remaining) + remaining;
    }

    /// <summary>Writes a PUBLISH.</summary>
    /// <param name="properties">Encoded v5 properties without their length; ignored for 3.1.1.</param>
    public static void Write(
        IBufferWriter<byte> output, MqttProtocolVersion version, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> properties, ReadOnlySpan<byte> payload,
        MqttQoS qos, bool retain, bool duplicate, ushort packetId)
    {
        var remaining = Remaining(version, qos, topic.Length, properties.Length, payload.Length);
        var split = payload.Length > SplitAbove;
        var size = 1 + VarInt.Size((uint)remaining) + (split ? remaining - payload.Length : remaining);
        var span = output.GetSpan(size);
        span[0] = (byte)(((int)MqttPacketType.Publish << 4) | (duplicate ? DuplicateFlag : 0) | ((int)qos << 1) | (retain ? RetainFlag : 0));
        var at = 1 + VarInt.Write(span[1..], (uint)remaining);
        span[at] = (byte)(topic.Length >> 8);
        span[at + 1] = (byte)topic.Length;
        topic.CopyTo(span[(at + 2)..]);
        at += 2 + topic.Length;
        if (qos > 0)
        {
            span[at] = (byte)(packetId >> 8);
            span[at + 1] = (byte)packetId;
            at += 2;
        }

        if (version == MqttProtocolVersion.V500)
        {
            at += VarInt.Write(span[at..], (uint)properties.Length);
            properties.CopyTo(span[at..]);
            at += properties.Length;
        }

        if (!split) payload.CopyTo(span[at..]);
        output.Advance(size);
        if (split) output.Write(payload);
    }

    private static int Remaining(MqttProtocolVersion version, MqttQoS qos, int topicLength, int propertiesLength, int payloadLength) =>
        2 + topicLength + (qos > 0 ? 2 : 0) + PropertySection.Size(version, propertiesLength) + payloadLength;

    private static MqttViolation? ReadProperties(ReadOnlySpan<byte> section, out ushort alias, out bool identified)
    {
        alias = 0;
        identified = false;
        var walk = new MqttPropertyEnumerator(section, PropertyScopes.Publish);
        while (walk.MoveNext())
        {
            if (walk.Id == MqttPropertyId.TopicAlias) alias = (ushort)walk.Number;
            identified |= walk.Id == MqttPropertyId.SubscriptionIdentifier;
        }

        return walk.Violation;
    }
}
