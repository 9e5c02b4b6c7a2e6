using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>Writes deliveries in the form that one connection understands.</summary>
internal sealed class PublishWriter(MqttProtocolVersion version, long maxPacketSize, TimeProvider time, MqttMetrics metrics)
{
    private readonly ArrayBufferWriter<byte> _properties = new();

    /// <summary>Writes a PUBLISH; answers its bytes, or 0 when it may not be sent: expired (MQTT-3.3.2-5) or too large for the client (MQTT-3.1.2-25).</summary>
    public int Write(IBufferWriter<byte> output, in Delivery delivery, ushort packetId, bool duplicate)
    {
        var message = delivery.Message;
        var now = message.ExpiresAt == long.MaxValue ? 0 : time.GetUtcNow().ToUnixTimeMilliseconds();
        if (message.ExpiresAt <= now)
        {
            metrics.Drop(MqttDropReason.Expired);
            return 0;
        }

        _properties.ResetWrittenCount();
        if (version == MqttProtocolVersion.V500) message.WriteProperties(_properties, delivery.SubscriptionIds, now);
        var size = PublishPacket.Size(version, delivery.QoS, message.Topic.Length, _properties.WrittenCount, message.Payload.Length);
        if (size > maxPacketSize)
        {
            metrics.Drop(MqttDropReason.TooLargeForSubscriber);
            return 0;
        }

        PublishPacket.Write(
            output, version, message.Topic, _properties.WrittenSpan, message.Payload, delivery.QoS, delivery.Retain, duplicate, packetId);
        metrics.Sent(delivery.QoS, size);
        return size;
    }
}
