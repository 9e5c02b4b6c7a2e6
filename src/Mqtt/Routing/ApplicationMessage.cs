using System.Buffers;
using System.Buffers.Binary;

namespace SmartCity.Mqtt;

/// <summary>
/// A message on its way to subscribers or kept as retained: one copy, shared by all who get it. Immutable.
/// The properties are those that a server must pass on unaltered (MQTT 5.0 §3.3.2.3); the expiry is kept apart because its rest is sent.
/// </summary>
internal sealed class ApplicationMessage
{
    private readonly byte[] _data;
    private readonly int _topicLength;
    private readonly int _propertiesLength;

    private ApplicationMessage(byte[] data, int topicLength, int propertiesLength)
    {
        _data = data;
        _topicLength = topicLength;
        _propertiesLength = propertiesLength;
    }

    public ReadOnlySpan<byte> Topic => _data.AsSpan(0, _topicLength);

    public ReadOnlySpan<byte> Properties => _data.AsSpan(_topicLength, _propertiesLength);

    public ReadOnlySpan<byte> Payload => _data.AsSpan(_topicLength + _propertiesLength);

    /// <summary>Bytes that it counts for in a queue.</summary>
    public int Size => _data.Length;

    public MqttQoS QoS { get; private init; }

    public bool Retain { get; private init; }

    /// <summary>Unix milliseconds after which it may not be delivered any more; <see cref="long.MaxValue"/> for never.</summary>
    public long ExpiresAt { get; private init; } = long.MaxValue;

    /// <summary>The application's ticket of the PUBLISH that it came by (<see cref="PublishResult.Ticket"/>); 0 for none.</summary>
    public long Source { get; private init; }

    /// <summary>Session that published it, for "no local"; null for the server's own.</summary>
    public MqttSession? Origin { get; private init; }

    /// <summary>Copies a message out of a receive buffer.</summary>
    /// <param name="properties">Raw validated PUBLISH or will properties.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="source">The application's ticket.</param>
    public static ApplicationMessage Create(
        ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> properties, MqttQoS qos, bool retain, MqttSession? origin, long now, long source = 0)
    {
        var expiresAt = long.MaxValue;
        var kept = properties.IsEmpty ? [] : KeepForwarded(properties, now, out expiresAt);
        return new(Join(topic, kept, payload), topic.Length, kept.Length) { QoS = qos, Retain = retain, Origin = origin, ExpiresAt = expiresAt, Source = source };
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static ApplicationMessage Read(ref JournalCursor cursor)
    {
        var flags = cursor.Byte();
        var expiresAt = cursor.Long();
        var topic = cursor.Bytes();
        var properties = cursor.Bytes();
        return new(Join(topic, properties, cursor.Bytes()), topic.Length, properties.Length) { QoS = (MqttQoS)(flags & 3), Retain = (flags & 4) != 0, ExpiresAt = expiresAt };
    }

    public void Write(JournalBuffer output) =>
        output.Byte((byte)((byte)QoS | (Retain ? 4 : 0))).Long(ExpiresAt).Bytes(Topic).Bytes(Properties).Bytes(Payload);

    private static byte[] Join(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> properties, ReadOnlySpan<byte> payload)
    {
        var data = new byte[topic.Length + properties.Length + payload.Length];
        topic.CopyTo(data);
        properties.CopyTo(data.AsSpan(topic.Length));
        payload.CopyTo(data.AsSpan(topic.Length + properties.Length));
        return data;
    }

    /// <summary>Writes the properties of one delivery: the forwarded ones, the rest of the expiry, the subscription identifiers.</summary>
    public void WriteProperties(IBufferWriter<byte> output, uint[]? subscriptionIds, long now)
    {
        output.Write(Properties);
        if (ExpiresAt != long.MaxValue)
        {
            PropertySection.Four(output, MqttPropertyId.MessageExpiryInterval, (uint)Math.Max(1, (ExpiresAt - now + 999) / 1000));
        }

        foreach (var id in subscriptionIds ?? []) PropertySection.Variable(output, MqttPropertyId.SubscriptionIdentifier, id);
    }

    private static byte[] KeepForwarded(ReadOnlySpan<byte> raw, long now, out long expiresAt)
    {
        expiresAt = long.MaxValue;
        var output = new ArrayBufferWriter<byte>(raw.Length);
        var walk = new MqttPropertyEnumerator(raw, PropertyScopes.Message);
        Span<byte> length = stackalloc byte[2];
        while (walk.MoveNext())
        {
            switch (walk.Id)
            {
                case MqttPropertyId.MessageExpiryInterval:
                    expiresAt = now + (walk.Number * 1000L);
                    break;
                case MqttPropertyId.TopicAlias or MqttPropertyId.SubscriptionIdentifier or MqttPropertyId.WillDelayInterval:
                    break;
                case MqttPropertyId.PayloadFormatIndicator:
                    output.Write<byte>([(byte)walk.Id, (byte)walk.Number]);
                    break;
                default:
                    output.Write<byte>([(byte)walk.Id]);
                    BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)walk.Bytes.Length);
                    output.Write(length);
                    output.Write(walk.Bytes);
                    if (walk.Id != MqttPropertyId.UserProperty) break;
                    BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)walk.UserValue.Length);
                    output.Write(length);
                    output.Write(walk.UserValue);
                    break;
            }
        }

        return output.WrittenSpan.ToArray();
    }
}
