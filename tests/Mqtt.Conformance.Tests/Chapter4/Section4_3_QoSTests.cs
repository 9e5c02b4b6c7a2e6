namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 and 5.0 §4.3 and §4.6: the flows of QoS 0, 1 and 2, and the order of messages.</summary>
public sealed class Section4_3_QoSTests
{
    [Theory(DisplayName = "3.1.1 [MQTT-4.3.1-1] 5.0 [MQTT-4.3.1-1] QoS 0 is sent with QoS 0 and DUP 0, and never again")]
    [ClassData(typeof(BothVersions))]
    public async Task QoS_0(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.SubscriberAsync("a");
        scene.Host.Broker.Publish("a", "x"u8);
        var publish = await scene.ReadPublishAsync(peer);
        Assert.Equal((MqttQoS.AtMostOnce, false, (ushort)0), (publish.QoS, publish.Duplicate, publish.PacketId));
        await scene.CutAsync(peer);
        await Scene.IsAliveAsync(await scene.ConnectAsync("subscriber", scene.Kept));
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.3.2-1] 5.0 [MQTT-4.3.2-2][MQTT-4.3.2-3] QoS 1 is sent with DUP 0 and unacknowledged until PUBACK")]
    [ClassData(typeof(BothVersions))]
    public async Task QoS_1_sent(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.SubscriberAsync("a");
        scene.Host.Broker.Publish("a", "x"u8, MqttQoS.AtLeastOnce);
        var publish = await scene.ReadPublishAsync(peer);
        Assert.False(publish.Duplicate);
        await scene.CutAsync(peer);
        peer = await scene.ConnectAsync("subscriber", scene.Kept);
        Assert.Equal(publish.PacketId, (await scene.ReadPublishAsync(peer)).PacketId);
        await peer.SendAsync(Scene.Ack(MqttPacketType.PubAck, publish.PacketId));
        await Scene.IsAliveAsync(peer);
        await scene.CutAsync(peer);
        await Scene.IsAliveAsync(await scene.ConnectAsync("subscriber", scene.Kept));
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.3.2-2] 5.0 [MQTT-4.3.2-4][MQTT-4.3.2-5] QoS 1 is acknowledged with its identifier; after that the identifier is a new message, whatever its DUP")]
    [ClassData(typeof(BothVersions))]
    public async Task QoS_1_received(MqttProtocolVersion version)
    {
        var handler = new ScriptedHandler { Durable = false };
        await using var scene = await Scene.StartAsync(version, handler: handler);
        var peer = await scene.ConnectAsync();
        foreach (var header in new byte[] { 0x32, 0x3A, 0x3A })
        {
            await peer.SendAsync(Craft.Packet(header, Craft.Text("a"), Craft.Id(9), Craft.Properties(version), [0x78]));
            Assert.Equal(Scene.Ack(MqttPacketType.PubAck, 9), await peer.ReadPacketAsync("PUBACK"));
        }

        Assert.Equal(3, handler.Accepted.Count);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.3.2-2][MQTT-4.3.3-2] 5.0 [MQTT-4.3.2-4][MQTT-4.3.3-8] PUBACK and PUBREC leave only when the application has taken the message")]
    [ClassData(typeof(BothVersions))]
    public async Task Ownership(MqttProtocolVersion version)
    {
        var handler = new ScriptedHandler();
        await using var scene = await Scene.StartAsync(version, handler: handler);
        var peer = await scene.ConnectAsync();
        await scene.PublishAsync(peer, "a", "x", MqttQoS.AtLeastOnce, 1);
        await scene.PublishAsync(peer, "a", "x", MqttQoS.ExactlyOnce, 2);
        await Scene.IsAliveAsync(peer);
        handler.Sync(2);
        Assert.Equal(Scene.Ack(MqttPacketType.PubAck, 1), await peer.ReadPacketAsync("PUBACK"));
        Assert.Equal(Scene.Ack(MqttPacketType.PubRec, 2), await peer.ReadPacketAsync("PUBREC"));
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.3.3-1] 5.0 [MQTT-4.3.3-2][MQTT-4.3.3-3][MQTT-4.3.3-4][MQTT-4.3.3-5][MQTT-4.3.3-6] QoS 2 is sent until PUBREC, then PUBREL until PUBCOMP, never PUBLISH again")]
    [ClassData(typeof(BothVersions))]
    public async Task QoS_2_sent(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.SubscriberAsync("a");
        scene.Host.Broker.Publish("a", "x"u8, MqttQoS.ExactlyOnce);
        var publish = await scene.ReadPublishAsync(peer);
        Assert.False(publish.Duplicate);
        await scene.CutAsync(peer);
        peer = await scene.ConnectAsync("subscriber", scene.Kept);
        Assert.Equal(publish with { Duplicate = true }, await scene.ReadPublishAsync(peer));
        for (var i = 0; i < 2; i++)
        {
            await peer.SendAsync(Scene.Ack(MqttPacketType.PubRec, publish.PacketId));
            Assert.Equal(Scene.Ack(MqttPacketType.PubRel, publish.PacketId), await peer.ReadPacketAsync("PUBREL"));
        }

        await scene.CutAsync(peer);
        peer = await scene.ConnectAsync("subscriber", scene.Kept);
        Assert.Equal(Scene.Ack(MqttPacketType.PubRel, publish.PacketId), await peer.ReadPacketAsync("PUBREL"));
        await peer.SendAsync(Scene.Ack(MqttPacketType.PubComp, publish.PacketId));
        await Scene.IsAliveAsync(peer);
        await scene.CutAsync(peer);
        await Scene.IsAliveAsync(await scene.ConnectAsync("subscriber", scene.Kept));
    }

    [Fact(DisplayName = "5.0 [MQTT-4.3.3-7] A QoS 2 message that was sent is sent again though its expiry has passed")]
    public async Task Expiry_after_sending()
    {
        var time = new FakeTimeProvider();
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500, time: time);
        var peer = await scene.SubscriberAsync("a");
        var publisher = await scene.ConnectAsync();
        await publisher.SendAsync(Craft.Packet(0x34, Craft.Text("a"), Craft.Id(1), Craft.Properties(scene.Version, 2, 0, 0, 0, 10), [0x78]));
        var publish = await scene.ReadPublishAsync(peer);
        await scene.CutAsync(peer);
        time.Advance(TimeSpan.FromSeconds(60));
        peer = await scene.ConnectAsync("subscriber", scene.Kept);
        Assert.Equal(publish with { Duplicate = true }, await scene.ReadPublishAsync(peer));
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.3.3-2] 5.0 [MQTT-4.3.3-8][MQTT-4.3.3-10][MQTT-4.3.3-11][MQTT-4.3.3-12] QoS 2 is taken once until PUBREL, over a new connection too; after that the identifier is a new message")]
    [ClassData(typeof(BothVersions))]
    public async Task QoS_2_received(MqttProtocolVersion version)
    {
        var handler = new ScriptedHandler { Durable = false };
        await using var scene = await Scene.StartAsync(version, handler: handler);
        var watcher = await scene.SubscriberAsync("a", MqttQoS.AtMostOnce);
        var peer = await scene.ConnectAsync("p", scene.Kept);
        for (var round = 1; round <= 2; round++)
        {
            for (var again = 0; again < 3; again++)
            {
                await peer.SendAsync(Craft.Packet((byte)(again == 0 ? 0x34 : 0x3C), Craft.Text("a"), Craft.Id(9), Craft.Properties(version), [(byte)('0' + round)]));
                Assert.Equal(Scene.Ack(MqttPacketType.PubRec, 9), await peer.ReadPacketAsync("PUBREC"));
                if (again > 0) continue;
                await scene.CutAsync(peer);
                peer = await scene.ConnectAsync("p", scene.Kept);
            }

            await peer.SendAsync(Scene.Ack(MqttPacketType.PubRel, 9));
            Assert.Equal(Scene.Ack(MqttPacketType.PubComp, 9), await peer.ReadPacketAsync("PUBCOMP"));
            Assert.Equal(round, handler.Accepted.Count);
            Assert.Equal($"{round}", (await scene.ReadPublishAsync(watcher)).Payload);
        }

        await Scene.IsAliveAsync(watcher);
    }

    [Fact(DisplayName = "5.0 [MQTT-4.3.3-9] After a PUBREC of 0x80 or more the identifier is a new message")]
    public async Task Refused_QoS_2()
    {
        var refusals = 1;
        var handler = new ScriptedHandler { Durable = false, Judge = _ => refusals-- > 0 ? MqttReasonCode.QuotaExceeded : MqttReasonCode.Success };
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500, handler: handler);
        var watcher = await scene.SubscriberAsync("a", MqttQoS.AtMostOnce);
        var peer = await scene.ConnectAsync();
        await scene.PublishAsync(peer, "a", "refused", MqttQoS.ExactlyOnce, 9);
        Assert.Equal([0x50, 3, 0, 9, 0x97], await peer.ReadPacketAsync("PUBREC"));
        await scene.PublishAsync(peer, "a", "new", MqttQoS.ExactlyOnce, 9);
        Assert.Equal(Scene.Ack(MqttPacketType.PubRec, 9), await peer.ReadPacketAsync("PUBREC"));
        Assert.Equal("new", (await scene.ReadPublishAsync(watcher)).Payload);
    }

    [Fact(DisplayName = "5.0 [MQTT-4.3.3-13] The exchange of a QoS 2 message goes on though the message has expired")]
    public async Task Expiry_of_what_came_in()
    {
        var time = new FakeTimeProvider();
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500, time: time);
        var publisher = await scene.ConnectAsync();
        await publisher.SendAsync(Craft.Packet(0x34, Craft.Text("a"), Craft.Id(1), Craft.Properties(scene.Version, 2, 0, 0, 0, 1), [0x78]));
        Assert.Equal(Scene.Ack(MqttPacketType.PubRec, 1), await publisher.ReadPacketAsync("PUBREC"));
        time.Advance(TimeSpan.FromSeconds(10));
        await publisher.SendAsync(Scene.Ack(MqttPacketType.PubRel, 1));
        Assert.Equal(Scene.Ack(MqttPacketType.PubComp, 1), await publisher.ReadPacketAsync("PUBCOMP"));
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.6.0-5][MQTT-4.6.0-6] 5.0 [MQTT-4.6.0-5][MQTT-4.6.0-6] Messages of one client on one topic and QoS reach a subscriber in their order")]
    [ClassData(typeof(BothVersions))]
    public async Task Order(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        foreach (var qos in Enum.GetValues<MqttQoS>())
        {
            var subscriber = await scene.SubscriberAsync("a", qos, $"{qos}");
            var publisher = await scene.ConnectAsync();
            await publisher.SendAsync(w =>
            {
                for (ushort i = 1; i <= 200; i++) PublishPacket.Write(w, version, "a"u8, default, System.Text.Encoding.UTF8.GetBytes($"{i}"), qos, false, false, qos == 0 ? (ushort)0 : i);
            });
            for (var i = 1; i <= 200; i++) Assert.Equal($"{i}", (await scene.ReadPublishAsync(subscriber)).Payload);
            await scene.DisconnectAsync(subscriber);
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.6.0-2][MQTT-4.6.0-3][MQTT-4.6.0-4] 5.0 [MQTT-4.6.0-2][MQTT-4.6.0-3][MQTT-4.6.0-4] The server's own PUBACK, PUBREC and PUBREL keep the order of what they answer")]
    [ClassData(typeof(BothVersions))]
    public async Task Order_of_answers(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.SubscriberAsync("a");
        for (ushort i = 1; i <= 50; i++) await scene.PublishAsync(peer, "b", "x", i % 2 == 0 ? MqttQoS.AtLeastOnce : MqttQoS.ExactlyOnce, i);
        for (ushort i = 1; i <= 50; i++) Assert.Equal(Scene.Ack(i % 2 == 0 ? MqttPacketType.PubAck : MqttPacketType.PubRec, i), await peer.ReadPacketAsync("the answer"));
        for (var i = 0; i < 10; i++) scene.Host.Broker.Publish("a", "x"u8, MqttQoS.ExactlyOnce);
        var ids = new List<ushort>();
        for (var i = 0; i < 10; i++) ids.Add((await scene.ReadPublishAsync(peer)).PacketId);
        ids.Reverse();
        await peer.SendAsync([.. ids.SelectMany(id => Scene.Ack(MqttPacketType.PubRec, id))]);
        foreach (var id in ids) Assert.Equal(Scene.Ack(MqttPacketType.PubRel, id), await peer.ReadPacketAsync("PUBREL"));
    }
}
