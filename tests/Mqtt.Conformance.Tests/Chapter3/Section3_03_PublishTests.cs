namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 and 5.0 §3.3: PUBLISH, its flags, topic and answers. Retained messages and properties have their own classes.</summary>
public sealed class Section3_03_PublishTests
{
    [Theory(DisplayName = "3.1.1 [MQTT-3.3.1-1] 5.0 [MQTT-3.3.1-1] A message that is sent again has DUP 1")]
    [ClassData(typeof(BothVersions))]
    public async Task Duplicates(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        foreach (var qos in new[] { MqttQoS.AtLeastOnce, MqttQoS.ExactlyOnce })
        {
            var subscriber = await scene.SubscriberAsync("a", clientId: $"{qos}");
            scene.Host.Broker.Publish("a", "x"u8, qos);
            var first = await scene.ReadPublishAsync(subscriber);
            Assert.False(first.Duplicate);
            await scene.CutAsync(subscriber);
            Assert.Equal(first with { Duplicate = true }, await scene.ReadPublishAsync(await scene.ConnectAsync($"{qos}", scene.Kept)));
            scene.Host.Broker.Disconnect($"{qos}", MqttReasonCode.AdministrativeAction, "The next round is next.");
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.3.1-2] 5.0 [MQTT-3.3.1-2] DUP with QoS 0 closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Duplicate_of_QoS_0(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.IsRefusedAsync(Craft.Packet(0x38, Craft.Text("a"), Craft.Properties(version)), MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.3.1-3] 5.0 [MQTT-3.3.1-3] DUP of a message that came in does not go out")]
    [ClassData(typeof(BothVersions))]
    public async Task Duplicate_is_not_passed_on(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var subscriber = await scene.SubscriberAsync("a");
        var publisher = await scene.ConnectAsync();
        foreach (var header in new byte[] { 0x3A, 0x3C })
        {
            await publisher.SendAsync(Craft.Packet(header, Craft.Text("a"), Craft.Id(5), Craft.Properties(version)));
            Assert.False((await scene.ReadPublishAsync(subscriber)).Duplicate);
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.3.1-4] 5.0 [MQTT-3.3.1-4] QoS 3 closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task QoS_3(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        foreach (var header in new byte[] { 0x36, 0x37, 0x3E, 0x3F })
        {
            await scene.IsRefusedAsync(Craft.Packet(header, Craft.Text("a"), Craft.Id(5), Craft.Properties(version)), MqttReasonCode.MalformedPacket);
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.3.2-1] 5.0 [MQTT-3.3.2-1] The topic name is the first field and well-formed UTF-8; without one a PUBLISH is refused")]
    [ClassData(typeof(BothVersions))]
    public async Task Topic_name(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.IsRefusedAsync(Craft.Packet(0x30), MqttReasonCode.MalformedPacket);
        await scene.IsRefusedAsync(Craft.Packet(0x30, [0]), MqttReasonCode.MalformedPacket);
        await scene.IsRefusedAsync(Craft.Packet(0x30, [0, 4, 0x61]), MqttReasonCode.MalformedPacket);
        await scene.IsRefusedAsync(Craft.Publish(version, [0x61, 0xC3]), MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.3.2-2][MQTT-4.7.1-1] 5.0 [MQTT-3.3.2-2][MQTT-4.7.0-1] A wildcard in a topic name closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Wildcards(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        foreach (var topic in new[] { "#", "+", "a/#", "a/+/b", "a+", "a#b" })
        {
            await scene.IsRefusedAsync(Craft.Publish(version, System.Text.Encoding.UTF8.GetBytes(topic)), MqttReasonCode.TopicNameInvalid);
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.3.2-3][MQTT-4.5.0-1] 5.0 [MQTT-3.3.2-3][MQTT-4.5.0-1] A message reaches all whose filter matches its topic, under that topic, and nobody else")]
    [ClassData(typeof(BothVersions))]
    public async Task Topic_of_deliveries(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var publisher = await scene.ConnectAsync();
        foreach (var filter in new[] { "a/b", "a/+", "#", "+/b", "a/b/#" })
        {
            var subscriber = await scene.SubscriberAsync(filter, clientId: filter);
            await scene.PublishAsync(publisher, "a/b", filter);
            var publish = await scene.ReadPublishAsync(subscriber);
            Assert.Equal(("a/b", filter), (publish.Topic, publish.Payload));
            await scene.DisconnectAsync(subscriber);
        }

        var other = await scene.SubscriberAsync("a/c", clientId: "other");
        await scene.PublishAsync(publisher, "a/b", "not for this one");
        await scene.PublishAsync(publisher, "a/c", "for this one");
        Assert.Equal("for this one", (await scene.ReadPublishAsync(other)).Payload);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.3.4-1] 5.0 [MQTT-3.3.4-1] QoS 0 has no answer, QoS 1 PUBACK, QoS 2 PUBREC")]
    [ClassData(typeof(BothVersions))]
    public async Task Answers(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.ConnectAsync();
        await scene.PublishAsync(peer, "a", "x");
        await Scene.IsAliveAsync(peer);
        await scene.PublishAsync(peer, "a", "x", MqttQoS.AtLeastOnce, 1);
        Assert.Equal(Scene.Ack(MqttPacketType.PubAck, 1), await peer.ReadPacketAsync("PUBACK"));
        await scene.PublishAsync(peer, "a", "x", MqttQoS.ExactlyOnce, 1);
        Assert.Equal(Scene.Ack(MqttPacketType.PubRec, 1), await peer.ReadPacketAsync("PUBREC"));
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.3.5-1] 5.0 [MQTT-3.3.4-2] Overlapping subscriptions get a message with the highest QoS that matches")]
    [ClassData(typeof(BothVersions))]
    public async Task Overlapping_subscriptions(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.ConnectAsync();
        await peer.SubscribeAsync(version, new("a/+", MqttQoS.AtMostOnce), new("a/#", MqttQoS.ExactlyOnce), new("a/b", MqttQoS.AtLeastOnce));
        scene.Host.Broker.Publish("a/b", "x"u8, MqttQoS.ExactlyOnce);
        Assert.Equal(MqttQoS.ExactlyOnce, (await scene.ReadPublishAsync(peer)).QoS);
        await Scene.IsAliveAsync(peer);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.3.5-2] 5.0 [MQTT-3.4.2-1][MQTT-3.5.2-1] A PUBLISH that is not authorized is not routed; 3.1.1 gets the plain answer, 5.0 the reason")]
    [ClassData(typeof(BothVersions))]
    public async Task Not_authorized(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version, authorizer: new RecordingAuthorizer());
        var watcher = await scene.SubscriberAsync("#");
        var peer = await scene.ConnectAsync();
        await scene.PublishAsync(peer, "no/a", "x", MqttQoS.AtLeastOnce, 1);
        Assert.Equal(scene.V5 ? [0x40, 3, 0, 1, 0x87] : Scene.Ack(MqttPacketType.PubAck, 1), await peer.ReadPacketAsync("PUBACK"));
        await scene.PublishAsync(peer, "no/a", "x", MqttQoS.ExactlyOnce, 2);
        Assert.Equal(scene.V5 ? [0x50, 3, 0, 2, 0x87] : Scene.Ack(MqttPacketType.PubRec, 2), await peer.ReadPacketAsync("PUBREC"));
        await scene.PublishAsync(peer, "yes", "x");
        Assert.Equal("yes", (await scene.ReadPublishAsync(watcher)).Topic);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.3.4-3][MQTT-3.3.4-4] One copy for overlapping subscriptions carries all their identifiers")]
    public async Task Subscription_identifiers()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var peer = await scene.ConnectAsync();
        foreach (var (filter, id) in new[] { ("a/+", 1u), ("a/b", 268_435_455u), ("c", 3u) })
        {
            await peer.SendAsync(w => new SubscribePacket(1, [new(filter, MqttQoS.AtMostOnce)]) { Properties = new() { SubscriptionIdentifiers = [id] } }.Write(w, scene.Version));
            await peer.ReadPacketAsync("SUBACK");
        }

        scene.Host.Broker.Publish("a/b", "x"u8);
        var bytes = await peer.ReadPacketAsync("PUBLISH");
        Assert.True(PublishPacket.TryParse((byte)(bytes[0] & 15), bytes.AsSpan(2), scene.Version, out var packet, out _));
        Assert.Equal([1u, 268_435_455u], MqttProperties.FromValidated(packet.Properties, PropertyScopes.Publish).SubscriptionIdentifiers!.Order());
        await Scene.IsAliveAsync(peer);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.3.4-6] A PUBLISH from a client with a subscription identifier is a protocol error")]
    public async Task Subscription_identifier_of_a_client()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        await scene.IsRefusedAsync(Craft.Publish(scene.Version, [0x61], 0x0B, 5), MqttReasonCode.ProtocolError);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.3.4-7] A client beyond the server's Receive Maximum is disconnected with 0x93")]
    public async Task Receive_maximum_of_the_server()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500, l => l.ReceiveMaximum = 2);
        var peer = await scene.ConnectAsync();
        for (ushort id = 1; id <= 3; id++) await scene.PublishAsync(peer, "a", "x", MqttQoS.ExactlyOnce, id);
        for (var i = 0; i < 2; i++) Assert.Equal(0x50, (await peer.ReadPacketAsync("PUBREC"))[0]);
        await scene.IsClosedAsync(peer, MqttReasonCode.ReceiveMaximumExceeded);
    }
}
