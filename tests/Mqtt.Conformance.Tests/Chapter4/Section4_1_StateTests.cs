namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 and 5.0 §4.1, §4.2 and §4.4: session state, connections, redelivery.</summary>
public sealed class Section4_1_StateTests
{
    [Theory(DisplayName = "3.1.1 [MQTT-4.1.0-1][MQTT-4.1.0-2] 5.0 [MQTT-4.1.0-1] A session lasts at least as long as its connection, though its expiry is 0")]
    [ClassData(typeof(BothVersions))]
    public async Task Session_lasts(MqttProtocolVersion version)
    {
        var time = new FakeTimeProvider();
        await using var scene = await Scene.StartAsync(version, time: time);
        var peer = await scene.ConnectAsync();
        await peer.SubscribeAsync(version, new MqttSubscription("a", MqttQoS.AtLeastOnce));
        time.Advance(TimeSpan.FromHours(1));
        scene.Host.Broker.Publish("a", "x"u8, MqttQoS.AtLeastOnce);
        Assert.Equal("x", (await scene.ReadPublishAsync(peer)).Payload);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.2.0-1] 5.0 [MQTT-4.2.0-1] The server speaks over TCP, an ordered and lossless stream, however it is cut")]
    [ClassData(typeof(BothVersions))]
    public async Task Stream(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.OpenAsync();
        foreach (var b in Craft.Connect(version, 2, Craft.Text("a")).Concat(Craft.Subscribe(version, [0x61])).Concat(Craft.Publish(version, [0x61]))) await peer.SendAsync(b);
        Assert.Equal(0x20, (await peer.ReadPacketAsync("CONNACK"))[0]);

        // A message may overtake the SUBACK (§3.8.4).
        byte[] types = [(await peer.ReadPacketAsync("SUBACK or PUBLISH"))[0], (await peer.ReadPacketAsync("SUBACK or PUBLISH"))[0]];
        Assert.Contains((byte)0x30, types);
        Assert.Contains((byte)0x90, types);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.4.0-1][MQTT-4.6.0-6] 5.0 [MQTT-4.4.0-1][MQTT-4.6.0-5] On return the server sends unacknowledged PUBLISH and PUBREL again, with their identifiers and in their order, and at no other time")]
    [ClassData(typeof(BothVersions))]
    public async Task Redelivery(MqttProtocolVersion version)
    {
        var time = new FakeTimeProvider();
        await using var scene = await Scene.StartAsync(version, time: time);
        var peer = await scene.SubscriberAsync("a");
        for (var i = 0; i < 4; i++) scene.Host.Broker.Publish("a", [(byte)('0' + i)], i == 1 ? MqttQoS.ExactlyOnce : MqttQoS.AtLeastOnce);
        var first = new List<ReceivedPublish>();
        for (var i = 0; i < 4; i++) first.Add(await scene.ReadPublishAsync(peer));
        await peer.SendAsync([.. Scene.Ack(MqttPacketType.PubAck, first[0].PacketId), .. Scene.Ack(MqttPacketType.PubRec, first[1].PacketId)]);
        Assert.Equal(0x62, (await peer.ReadPacketAsync("PUBREL"))[0]);
        time.Advance(TimeSpan.FromMinutes(10));
        await Scene.IsAliveAsync(peer);
        await scene.CutAsync(peer);
        scene.Host.Broker.Publish("a", "new"u8, MqttQoS.AtLeastOnce);
        peer = await scene.ConnectAsync("subscriber", scene.Kept);
        Assert.Equal(Scene.Ack(MqttPacketType.PubRel, first[1].PacketId), (await peer.ReadPacketAsync("PUBREL"))[..4]);
        Assert.Equal(first[2] with { Duplicate = true }, await scene.ReadPublishAsync(peer));
        Assert.Equal(first[3] with { Duplicate = true }, await scene.ReadPublishAsync(peer));
        Assert.Equal("new", (await scene.ReadPublishAsync(peer)).Payload);
        await Scene.IsAliveAsync(peer);
    }

    [Fact(DisplayName = "5.0 [MQTT-4.4.0-2][MQTT-4.3.3-4] A PUBACK or PUBREC of 0x80 or more ends the delivery: no PUBREL, and nothing is sent again")]
    public async Task Refused_by_the_client()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var peer = await scene.SubscriberAsync("a");
        foreach (var (qos, type) in new[] { (MqttQoS.AtLeastOnce, MqttPacketType.PubAck), (MqttQoS.ExactlyOnce, MqttPacketType.PubRec) })
        {
            scene.Host.Broker.Publish("a", "x"u8, qos);
            var id = (await scene.ReadPublishAsync(peer)).PacketId;
            await peer.SendAsync((byte)((int)type << 4), 3, (byte)(id >> 8), (byte)id, 0x97);
            await Scene.IsAliveAsync(peer);
        }

        await scene.CutAsync(peer);
        await Scene.IsAliveAsync(await scene.ConnectAsync("subscriber", scene.Kept));
    }
}
