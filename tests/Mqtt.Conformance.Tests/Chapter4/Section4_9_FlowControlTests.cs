namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>5.0 §4.9 and §3.3.4: flow control.</summary>
public sealed class Section4_9_FlowControlTests
{
    [Fact(DisplayName = "5.0 [MQTT-3.3.4-9][MQTT-3.3.4-10][MQTT-4.9.0-1][MQTT-4.9.0-2][MQTT-4.9.0-3] No more QoS 1 and 2 messages than the client's Receive Maximum are unacknowledged; every other packet goes on")]
    public async Task Receive_maximum_of_the_client()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var peer = await scene.ConnectAsync("s", c => c with { Properties = new() { ReceiveMaximum = 3 } });
        await peer.SubscribeAsync(scene.Version, new MqttSubscription("a", MqttQoS.ExactlyOnce));
        for (var i = 0; i < 6; i++) scene.Host.Broker.Publish("a", [(byte)('0' + i)], i == 1 ? MqttQoS.ExactlyOnce : MqttQoS.AtLeastOnce);
        var ids = new List<ushort>();
        for (var i = 0; i < 3; i++) ids.Add((await scene.ReadPublishAsync(peer)).PacketId);
        await Scene.IsAliveAsync(peer);
        await peer.SendAsync(Craft.Subscribe(scene.Version, [0x62]));
        Assert.Equal(0x90, (await peer.ReadPacketAsync("SUBACK"))[0]);
        await scene.PublishAsync(peer, "c", "x", MqttQoS.AtLeastOnce, 1);
        Assert.Equal(0x40, (await peer.ReadPacketAsync("PUBACK"))[0]);

        // PUBREC gives no place back, PUBCOMP does.
        await peer.SendAsync(Scene.Ack(MqttPacketType.PubRec, ids[1]));
        Assert.Equal(0x62, (await peer.ReadPacketAsync("PUBREL"))[0]);
        await Scene.IsAliveAsync(peer);
        await peer.SendAsync(Scene.Ack(MqttPacketType.PubComp, ids[1]));
        Assert.Equal("3", (await scene.ReadPublishAsync(peer)).Payload);
        await Scene.IsAliveAsync(peer);
        await peer.SendAsync(Scene.Ack(MqttPacketType.PubAck, ids[0]));
        Assert.Equal("4", (await scene.ReadPublishAsync(peer)).Payload);

        // An acknowledgement of nothing gives no place either.
        await peer.SendAsync(Scene.Ack(MqttPacketType.PubAck, ids[0]));
        await Scene.IsAliveAsync(peer);
    }
}
