namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 and 5.0 §3.1.2 and §3.1.4: what a CONNECT does to sessions, keep-alive and packet sizes.</summary>
public sealed class Section3_01_ConnectSessionTests
{
    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-4][MQTT-3.1.2-5][MQTT-3.1.3-2][MQTT-3.1.4-3][MQTT-3.2.2-2][MQTT-3.2.2-3] 5.0 [MQTT-3.1.2-5][MQTT-3.1.2-6][MQTT-3.1.2-23][MQTT-3.1.3-2][MQTT-3.1.4-4][MQTT-3.2.2-3] A session goes on by its client identifier, with its subscriptions and QoS 1 and 2 messages, and CONNACK says so")]
    [ClassData(typeof(BothVersions))]
    public async Task Sessions_go_on(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var (first, created) = await scene.TryConnectAsync("s", scene.Kept);
        Assert.False(created.SessionPresent);
        await first.SubscribeAsync(version, new MqttSubscription("a", MqttQoS.ExactlyOnce));
        await scene.DisconnectAsync(first);
        scene.Host.Broker.Publish("a", "one"u8, MqttQoS.AtLeastOnce);
        scene.Host.Broker.Publish("a", "two"u8, MqttQoS.ExactlyOnce);
        var (_, other) = await scene.TryConnectAsync("t", scene.Kept);
        Assert.False(other.SessionPresent);
        var (second, resumed) = await scene.TryConnectAsync("s", scene.Kept);
        Assert.True(resumed.SessionPresent);
        Assert.Equal("one", (await scene.ReadPublishAsync(second)).Payload);
        Assert.Equal("two", (await scene.ReadPublishAsync(second)).Payload);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-6][MQTT-3.2.2-1] 5.0 [MQTT-3.1.2-4][MQTT-3.2.2-2] A clean start discards the session and CONNACK says that there is none")]
    [ClassData(typeof(BothVersions))]
    public async Task Clean_start(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.DisconnectAsync(await scene.SubscriberAsync("a", clientId: "s"));
        var (clean, answer) = await scene.TryConnectAsync("s");
        Assert.False(answer.SessionPresent);
        await clean.SubscribeAsync(version, new MqttSubscription("b", MqttQoS.AtMostOnce));
        scene.Host.Broker.Publish("a", "lost"u8, MqttQoS.AtLeastOnce);
        scene.Host.Broker.Publish("b", "comes"u8);
        Assert.Equal("comes", (await scene.ReadPublishAsync(clean)).Payload);
        await scene.DisconnectAsync(clean);
        Assert.False((await scene.TryConnectAsync("s", scene.Kept)).Answer.SessionPresent);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-7] 5.0 [MQTT-3.1.2-4] Retained messages are no part of a session and outlive it")]
    [ClassData(typeof(BothVersions))]
    public async Task Retained_messages_outlive_sessions(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var publisher = await scene.ConnectAsync();
        await scene.PublishAndWaitAsync(publisher, "a", "kept", retain: true);
        await scene.DisconnectAsync(publisher);
        Assert.Equal(0, scene.Host.Broker.SessionCount);
        Assert.Equal("kept", (await scene.ReadPublishAsync(await scene.SubscriberAsync("a"))).Payload);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.4-2] 5.0 [MQTT-3.1.4-3] A client identifier that is connected already loses its older connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Takeover(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var older = await scene.ConnectAsync("s");
        var newer = await scene.ConnectAsync("s");
        await scene.IsClosedAsync(older, MqttReasonCode.SessionTakenOver);
        await Scene.IsAliveAsync(newer);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.4-4][MQTT-3.2.0-1] 5.0 [MQTT-3.1.4-5][MQTT-3.2.0-1][MQTT-3.2.0-2] An accepted CONNECT gets CONNACK 0 first, and one only, though a queue waits and the client does not")]
    [ClassData(typeof(BothVersions))]
    public async Task CONNACK_comes_first(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.DisconnectAsync(await scene.SubscriberAsync("a", clientId: "s"));
        scene.Host.Broker.Publish("a", "waits"u8, MqttQoS.AtLeastOnce);
        var peer = await scene.OpenAsync();
        await peer.SendAsync(w =>
        {
            scene.Kept(new ConnectPacket { ClientId = "s", Version = version }).Write(w);
            PingReqPacket.Write(w);
            PublishPacket.Write(w, version, "b"u8, default, default, MqttQoS.AtLeastOnce, false, false, 5);
        });
        Assert.Equal(0x20, (await peer.ReadPacketAsync("CONNACK"))[0]);
        var rest = new List<int>();
        for (var i = 0; i < 3; i++) rest.Add((await peer.ReadPacketAsync("what follows"))[0] >> 4);
        Assert.Equal([3, 4, 13], rest.Order());
        await Scene.IsAliveAsync(peer);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.4-5][MQTT-3.2.2-4][MQTT-3.2.2-5] 5.0 [MQTT-3.1.4-2][MQTT-3.1.4-6][MQTT-3.2.2-6][MQTT-3.2.2-7] A refused CONNECT has session present 0, the connection closes, and nothing after it is processed")]
    [ClassData(typeof(BothVersions))]
    public async Task Refused(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version, authorizer: new RecordingAuthorizer());
        var watcher = await scene.SubscriberAsync("#");
        var peer = await scene.OpenAsync();
        await peer.SendAsync(w =>
        {
            scene.Kept(new ConnectPacket { ClientId = "nobody", Version = version }).Write(w);
            PublishPacket.Write(w, version, "a"u8, default, "smuggled"u8, MqttQoS.AtMostOnce, true, false, 0);
        });
        var answer = await scene.ReadConnAckAsync(peer);
        Assert.Equal((MqttReasonCode.NotAuthorized, false), (answer.ReasonCode, answer.SessionPresent));
        Assert.True(await peer.IsClosedAsync());
        scene.Host.Broker.Publish("b", "marker"u8);
        Assert.Equal("marker", (await scene.ReadPublishAsync(watcher)).Payload);
        Assert.Equal(0, scene.Host.Broker.RetainedCount);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-24] 5.0 [MQTT-3.1.2-22][MQTT-3.2.2-22] Silence for one and a half times the client's keep-alive ends the connection; PINGREQ and any other packet keep it")]
    [ClassData(typeof(BothVersions))]
    public async Task Keep_alive(MqttProtocolVersion version)
    {
        var time = new FakeTimeProvider();
        await using var scene = await Scene.StartAsync(version, time: time);
        var peer = await scene.ConnectAsync(change: c => c with { KeepAlive = 10 });
        var silent = await scene.ConnectAsync("no keep-alive", c => c with { KeepAlive = 0 });
        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromSeconds(14));
            await Scene.IsAliveAsync(peer);
            time.Advance(TimeSpan.FromSeconds(14));
            await scene.PublishAndWaitAsync(peer, "a", "x");
        }

        await Scene.IsAliveAsync(peer);
        await Eventually.True(() => { time.Advance(TimeSpan.FromSeconds(2)); return scene.Host.Metrics.ConnectionsOpen == 1; }, "the silent connection is closed");
        await scene.IsClosedAsync(peer, MqttReasonCode.KeepAliveTimeout);
        await Scene.IsAliveAsync(silent);
    }

    [Fact(DisplayName = "5.0 [MQTT-4.1.0-2][MQTT-3.1.2-23] A session ends when its expiry interval has passed, and not before")]
    public async Task Session_expiry()
    {
        var time = new FakeTimeProvider();
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500, time: time);
        ConnectPacket Expiring(ConnectPacket c) => c with { CleanStart = false, Properties = new() { SessionExpiryInterval = 60 } };
        await scene.DisconnectAsync(await scene.ConnectAsync("s", Expiring));
        time.Advance(TimeSpan.FromSeconds(55));
        var (peer, answer) = await scene.TryConnectAsync("s", Expiring);
        Assert.True(answer.SessionPresent);
        await scene.DisconnectAsync(peer);
        time.Advance(TimeSpan.FromSeconds(65));
        Assert.Equal(0, scene.Host.Broker.SessionCount);
        Assert.False((await scene.TryConnectAsync("s", Expiring)).Answer.SessionPresent);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.1.2-24][MQTT-3.1.2-25] A message that is larger than the client's Maximum Packet Size is left out as if it had been sent; one of exactly that size comes")]
    public async Task Maximum_packet_size()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var peer = await scene.ConnectAsync("s", c => c with { Properties = new() { MaximumPacketSize = 40, ReceiveMaximum = 1 } });
        await peer.SubscribeAsync(scene.Version, new MqttSubscription("a", MqttQoS.ExactlyOnce));
        foreach (var qos in new[] { MqttQoS.AtMostOnce, MqttQoS.AtLeastOnce, MqttQoS.ExactlyOnce })
        {
            // Two bytes of header, topic 3, identifier 2 but for QoS 0, property length 1.
            var room = 40 - (qos == MqttQoS.AtMostOnce ? 6 : 8);
            scene.Host.Broker.Publish("a", new byte[room + 1], qos);
            scene.Host.Broker.Publish("a", new byte[room], qos);
            var bytes = await peer.ReadPacketAsync("PUBLISH");
            Assert.Equal(40, bytes.Length);
            if (qos == MqttQoS.AtLeastOnce) await peer.SendAsync(Scene.Ack(MqttPacketType.PubAck, bytes[5] << 8 | bytes[6]));
        }
    }

    [Fact(DisplayName = "5.0 [MQTT-3.1.2-24][MQTT-3.2.2-19][MQTT-3.2.2-20] A refusal leaves its reason string out where that would be larger than the client's Maximum Packet Size")]
    public async Task Maximum_packet_size_of_CONNACK()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500, authorizer: new RecordingAuthorizer());
        var (peer, answer) = await scene.TryConnectAsync("nobody", c => c with { Properties = new() { MaximumPacketSize = 10 } });
        Assert.Equal(MqttReasonCode.NotAuthorized, answer.ReasonCode);
        Assert.Null(answer.Properties);
        Assert.True(await peer.IsClosedAsync());
    }

    [Theory(DisplayName = "5.0 [MQTT-3.1.2-24] A client that has no room for CONNACK is refused with 0x95 as far as it has room for that, and leaves no session")]
    [InlineData(15, true)]
    [InlineData(5, true)]
    [InlineData(4, false)]
    public async Task No_room_for_CONNACK(uint maximum, bool told)
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var peer = await scene.OpenAsync();
        await peer.SendAsync(new ConnectPacket { ClientId = "s", Properties = new() { MaximumPacketSize = maximum } }.Write);
        if (told) Assert.Equal([0x20, 3, 0, 0x95, 0], await peer.ReadPacketAsync("CONNACK"));
        Assert.True(await peer.IsClosedAsync());
        Assert.Equal(0, scene.Host.Broker.SessionCount);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.1.2-28][MQTT-3.1.2-29] No response information is sent unasked, and no reason string outside PUBLISH, CONNACK and DISCONNECT when the client wants none")]
    public async Task Unwanted_information()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500, authorizer: new RecordingAuthorizer());
        var (peer, answer) = await scene.TryConnectAsync("s", c => c with { Properties = new() { RequestProblemInformation = false, RequestResponseInformation = false } });
        Assert.Null(answer.Properties!.ResponseInformation);
        await peer.SendAsync(Craft.Subscribe(scene.Version, "no/a"u8.ToArray()));
        Assert.Equal([0x90, 4, 0, 7, 0, 0x87], await peer.ReadPacketAsync("SUBACK"));
        await scene.PublishAsync(peer, "no/a", "x", MqttQoS.AtLeastOnce, 3);
        Assert.Equal([0x40, 3, 0, 3, 0x87], await peer.ReadPacketAsync("PUBACK"));
        await scene.PublishAsync(peer, "no/a", "x", MqttQoS.ExactlyOnce, 4);
        Assert.Equal([0x50, 3, 0, 4, 0x87], await peer.ReadPacketAsync("PUBREC"));
        await peer.SendAsync(Craft.Unsubscribe(scene.Version, "no/a"u8.ToArray()));
        Assert.Equal([0xB0, 4, 0, 7, 0, 0x11], await peer.ReadPacketAsync("UNSUBACK"));
    }
}
