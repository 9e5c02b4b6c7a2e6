using System.Text;

namespace SmartCity.Mqtt.Tests;

/// <summary>Exchanges that many tests need.</summary>
internal static class RawConnectionExtensions
{
    /// <summary>Subscribes and answers the reason codes of the SUBACK.</summary>
    public static async Task<MqttReasonCode[]> SubscribeAsync(this RawConnection peer, MqttProtocolVersion version, params MqttSubscription[] subscriptions)
    {
        await peer.SendAsync(w => new SubscribePacket(1, subscriptions).Write(w, version));
        var bytes = await peer.ReadPacketAsync("SUBACK");
        Assert.Equal(0x90, bytes[0]);
        return [.. bytes[^subscriptions.Length..].Select(b => (MqttReasonCode)b)];
    }

    public static Task PublishAsync(this RawConnection peer, MqttProtocolVersion version, string topic, string payload, MqttQoS qos = MqttQoS.AtMostOnce, ushort packetId = 0, bool retain = false) =>
        peer.SendAsync(w => PublishPacket.Write(w, version, Encoding.UTF8.GetBytes(topic), default, Encoding.UTF8.GetBytes(payload), qos, retain, false, packetId));

    /// <summary>Reads a PUBLISH.</summary>
    public static async Task<ReceivedPublish> ReadPublishAsync(this RawConnection peer, MqttProtocolVersion version, string awaited)
    {
        var bytes = await peer.ReadPacketAsync(awaited);
        Assert.Equal((int)MqttPacketType.Publish, bytes[0] >> 4);
        var header = 1 + VarInt.Size((uint)(bytes.Length - 2 - (bytes.Length > 129 ? 1 : 0)));
        Assert.True(PublishPacket.TryParse((byte)(bytes[0] & 15), bytes.AsSpan(header), version, out var packet, out _));
        return new(Encoding.UTF8.GetString(packet.Topic), Encoding.UTF8.GetString(packet.Payload), packet.QoS, packet.Retain, packet.Duplicate, packet.PacketId, packet.TopicAlias);
    }
}
