namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 and 5.0 §3.10 and §3.11: UNSUBSCRIBE and UNSUBACK.</summary>
public sealed class Section3_10_UnsubscribeTests
{
    [Theory(DisplayName = "3.1.1 [MQTT-3.10.1-1] 5.0 [MQTT-3.10.1-1] An UNSUBSCRIBE with flags other than 0010 closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Flags(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        for (var flags = 0; flags < 16; flags++)
        {
            if (flags != 2) await scene.IsRefusedAsync(Craft.Unsubscribe(version, [0x61], (byte)(0xA0 | flags)), MqttReasonCode.MalformedPacket);
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.10.3-1] 5.0 [MQTT-3.10.3-1] A topic filter that is not UTF-8 closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Filters_are_UTF_8(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.IsRefusedAsync(Craft.Unsubscribe(version, [0xFE]), MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.10.3-2] 5.0 [MQTT-3.10.3-2] An UNSUBSCRIBE without a topic filter closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task No_filter(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.IsRefusedAsync(Craft.Packet(0xA2, Craft.Id(1), Craft.Properties(version)), MqttReasonCode.ProtocolError);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.10.4-1][MQTT-3.10.4-2][MQTT-3.10.4-4] 5.0 [MQTT-3.10.4-1][MQTT-3.10.4-2][MQTT-3.10.4-4] Only the subscription with the very same filter ends, and nothing more comes by it")]
    [ClassData(typeof(BothVersions))]
    public async Task Exact_filter(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.ConnectAsync();
        await peer.SubscribeAsync(version, new("a/b", MqttQoS.AtMostOnce), new("c/+", MqttQoS.AtMostOnce));
        foreach (var (filter, code) in new (string, byte)[] { ("A/b", 0x11), ("a/+", 0x11), ("a/b/", 0x11), ("c/#", 0x11), ("a/b", 0) })
        {
            await peer.SendAsync(Craft.Unsubscribe(version, System.Text.Encoding.UTF8.GetBytes(filter)));
            Assert.Equal(scene.V5 ? [0xB0, 4, 0, 7, 0, code] : [0xB0, 2, 0, 7], await peer.ReadPacketAsync("UNSUBACK"));
        }

        scene.Host.Broker.Publish("a/b", "x"u8);
        scene.Host.Broker.Publish("c/d", "x"u8);
        Assert.Equal("c/d", (await scene.ReadPublishAsync(peer)).Topic);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.10.4-3] 5.0 [MQTT-3.10.4-3] QoS 1 and 2 messages that are on their way are completed after UNSUBSCRIBE, over a new connection too")]
    [ClassData(typeof(BothVersions))]
    public async Task Completed(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.SubscriberAsync("a");
        scene.Host.Broker.Publish("a", "x"u8, MqttQoS.ExactlyOnce);
        var publish = await scene.ReadPublishAsync(peer);
        await peer.SendAsync(Craft.Unsubscribe(version, [0x61]));
        Assert.Equal(0xB0, (await peer.ReadPacketAsync("UNSUBACK"))[0]);
        await scene.CutAsync(peer);
        peer = await scene.ConnectAsync("subscriber", scene.Kept);
        Assert.Equal(publish with { Duplicate = true }, await scene.ReadPublishAsync(peer));
        await peer.SendAsync(Scene.Ack(MqttPacketType.PubRec, publish.PacketId));
        Assert.Equal(Scene.Ack(MqttPacketType.PubRel, publish.PacketId), await peer.ReadPacketAsync("PUBREL"));
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.10.4-5][MQTT-3.10.4-6] 5.0 [MQTT-3.10.4-5][MQTT-3.10.4-6][MQTT-3.11.3-1][MQTT-3.11.3-2] One UNSUBACK with the identifier, though nothing ends; 5.0 with one code for each filter, in their order")]
    [ClassData(typeof(BothVersions))]
    public async Task One_answer(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.ConnectAsync();
        await peer.SendAsync(w => new UnsubscribePacket(513, ["x", "y"]).Write(w, version));
        Assert.Equal(scene.V5 ? [0xB0, 5, 2, 1, 0, 0x11, 0x11] : [0xB0, 2, 2, 1], await peer.ReadPacketAsync("UNSUBACK"));
        await peer.SubscribeAsync(version, new MqttSubscription("y", MqttQoS.AtMostOnce));
        await peer.SendAsync(w => new UnsubscribePacket(514, ["x", "y", "y"]).Write(w, version));
        Assert.Equal(scene.V5 ? [0xB0, 6, 2, 2, 0, 0x11, 0, 0x11] : [0xB0, 2, 2, 2], await peer.ReadPacketAsync("UNSUBACK"));
        await Scene.IsAliveAsync(peer);
    }
}
