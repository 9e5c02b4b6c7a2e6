using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>Writes deliveries in the form that one connection understands.</summary>
/// <param name="maxPacketSize">The client's Maximum Packet Size, in bytes.</param>
/// <param name="aliasMaximum">Topic aliases that may be given; 0 for none.</param>
internal sealed class PublishWriter(MqttProtocolVersion version, long maxPacketSize, ushort aliasMaximum, TimeProvider time, MqttMetrics metrics)
{
    private readonly ArrayBufferWriter<byte> _properties = new();
    private readonly OutboundAliases? _aliases = aliasMaximum > 0 ? new(aliasMaximum) : null;

    /// <summary>
    /// Writes a PUBLISH; answers its bytes, or 0 when it may not be sent: expired before it was sent at all (MQTT-3.3.2-5, MQTT-4.3.3-7), or too large
    /// for the client (MQTT-3.1.2-25).
    /// </summary>
    public int Write(IBufferWriter<byte> output, in Delivery delivery, bool duplicate)
    {
        var message = delivery.Message;
        var now = message.ExpiresAt == long.MaxValue ? 0 : time.GetUtcNow().ToUnixTimeMilliseconds();
        if (message.ExpiresAt <= now && !duplicate)
        {
            metrics.Drop(MqttDropReason.Expired);
            return 0;
        }

        var topic = message.Topic;
        ushort alias = 0;
        var known = false;
        _properties.ResetWrittenCount();
        if (version == MqttProtocolVersion.V500)
        {
            message.WriteProperties(_properties, delivery.SubscriptionIds, now);
            if (_aliases is not null && (alias = _aliases.Find(topic, out known)) != 0)
            {
                PropertySection.Two(_properties, MqttPropertyId.TopicAlias, alias);
                if (known) topic = [];
            }
        }

        var size = PublishPacket.Size(version, delivery.QoS, topic.Length, _properties.WrittenCount, message.Payload.Length);
        if (size > maxPacketSize)
        {
            metrics.Drop(MqttDropReason.TooLargeForSubscriber);
            return 0;
        }

        PublishPacket.Write(
            output, version, topic, _properties.WrittenSpan, message.Payload, delivery.QoS, delivery.Retain, duplicate, delivery.PacketId);
        if (alias != 0 && !known) _aliases!.Define(alias, topic);
        metrics.Sent(delivery.QoS, size);
        return size;
    }
}
