namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 and 5.0 §3.8 and §3.9: SUBSCRIBE and SUBACK.</summary>
public sealed class Section3_08_SubscribeTests
{
    [Theory(DisplayName = "3.1.1 [MQTT-3.8.1-1] 5.0 [MQTT-3.8.1-1] A SUBSCRIBE with flags other than 0010 closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Flags(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        for (var flags = 0; flags < 16; flags++)
        {
            if (flags != 2) await scene.IsRefusedAsync(Craft.Subscribe(version, [0x61], header: (byte)(0x80 | flags)), MqttReasonCode.MalformedPacket);
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.8.3-1] 5.0 [MQTT-3.8.3-1] A topic filter that is not UTF-8 closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Filters_are_UTF_8(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.IsRefusedAsync(Craft.Subscribe(version, [0x61, 0xFE]), MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.8.3-3] 5.0 [MQTT-3.8.3-2] A SUBSCRIBE without a topic filter closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task No_filter(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.IsRefusedAsync(Craft.Packet(0x82, Craft.Id(1), Craft.Properties(version)), MqttReasonCode.ProtocolError);
        await scene.IsRefusedAsync(Craft.Packet(0x82, Craft.Id(1), Craft.Properties(version), Craft.Text("a")), MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.8.3-2] 5.0 [MQTT-3.8.4-7] Filters with wildcards are granted")]
    [ClassData(typeof(BothVersions))]
    public async Task Wildcards_are_supported(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.ConnectAsync();
        var answer = await peer.SubscribeAsync(version, new("a/+/#", MqttQoS.AtMostOnce), new("#", MqttQoS.AtLeastOnce), new("+", MqttQoS.ExactlyOnce));
        Assert.Equal([MqttReasonCode.Success, MqttReasonCode.GrantedQoS1, MqttReasonCode.GrantedQoS2], answer);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.8.3-4] 5.0 [MQTT-3.8.3-5] Reserved bits of the options and QoS 3 close the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Reserved_options(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        byte[] bad = scene.V5 ? [0x40, 0x80, 0xC0, 3] : [4, 8, 16, 32, 64, 128, 3];
        foreach (var options in bad) await scene.IsRefusedAsync(Craft.Subscribe(version, [0x61], options), MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.8.4-1][MQTT-3.8.4-2][MQTT-3.8.4-4][MQTT-3.8.4-5][MQTT-3.9.3-1][MQTT-3.9.3-2] 5.0 [MQTT-3.8.4-1][MQTT-3.8.4-2][MQTT-3.8.4-5][MQTT-3.8.4-6][MQTT-3.8.4-7][MQTT-3.9.3-1][MQTT-3.9.3-2] One SUBACK with the identifier and one code for each filter, in their order")]
    [ClassData(typeof(BothVersions))]
    public async Task One_answer(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version, authorizer: new RecordingAuthorizer());
        var peer = await scene.ConnectAsync();
        await peer.SendAsync(w => new SubscribePacket(513, [new("a", MqttQoS.ExactlyOnce), new("no/b", MqttQoS.AtMostOnce), new("c", MqttQoS.AtMostOnce), new("d", MqttQoS.AtLeastOnce)]).Write(w, version));
        Assert.Equal(scene.V5 ? [0x90, 7, 2, 1, 0, 2, 0x87, 0, 1] : [0x90, 6, 2, 1, 2, 0x80, 0, 1], await peer.ReadPacketAsync("SUBACK"));
        await Scene.IsAliveAsync(peer);
        foreach (var topic in new[] { "a", "no/b", "c", "d" }) scene.Host.Broker.Publish(topic, "x"u8);
        foreach (var topic in new[] { "a", "c", "d" }) Assert.Equal(topic, (await scene.ReadPublishAsync(peer)).Topic);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.8.4-3] 5.0 [MQTT-3.8.4-3][MQTT-3.8.4-4] The same filter again replaces the subscription and sends retained messages again")]
    [ClassData(typeof(BothVersions))]
    public async Task Replaced(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.PublishAndWaitAsync(await scene.ConnectAsync(), "a", "kept", retain: true);
        var subscriber = await scene.ConnectAsync("s");
        foreach (var qos in new[] { MqttQoS.AtLeastOnce, MqttQoS.AtMostOnce })
        {
            await subscriber.SubscribeAsync(version, new MqttSubscription("a", qos));
            var retained = await scene.ReadPublishAsync(subscriber);
            Assert.Equal(("kept", qos), (retained.Payload, retained.QoS));
        }

        scene.Host.Broker.Publish("a", "once"u8, MqttQoS.AtLeastOnce);
        Assert.Equal(MqttQoS.AtMostOnce, (await scene.ReadPublishAsync(subscriber)).QoS);
        await Scene.IsAliveAsync(subscriber);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.8.4-6] 5.0 [MQTT-3.8.4-8] A message is sent with the lower of its own QoS and the granted one")]
    [ClassData(typeof(BothVersions))]
    public async Task Lower_QoS(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        foreach (var granted in Enum.GetValues<MqttQoS>())
        {
            var subscriber = await scene.SubscriberAsync("a", granted, $"s{granted}");
            foreach (var published in Enum.GetValues<MqttQoS>())
            {
                scene.Host.Broker.Publish("a", "x"u8, published);
                Assert.Equal(granted < published ? granted : published, (await scene.ReadPublishAsync(subscriber)).QoS);
            }

            await scene.DisconnectAsync(subscriber);
        }
    }

    [Fact(DisplayName = "5.0 [MQTT-3.1.2-24] A SUBACK or UNSUBACK that would be larger than the client's Maximum Packet Size is not sent: the connection closes with 0x95")]
    public async Task No_room_for_the_answer()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        foreach (var subscribes in new[] { true, false })
        {
            foreach (var (count, fits) in new[] { (25, true), (26, false) })
            {
                var peer = await scene.ConnectAsync("s", c => c with { Properties = new() { MaximumPacketSize = 30 } });
                var filters = Enumerable.Range(0, count).Select(i => $"{i}").ToArray();
                await peer.SendAsync(w =>
                {
                    if (subscribes) new SubscribePacket(1, [.. filters.Select(f => new MqttSubscription(f, MqttQoS.AtMostOnce))]).Write(w, scene.Version);
                    else new UnsubscribePacket(1, filters).Write(w, scene.Version);
                });
                if (fits) Assert.Equal(30, (await peer.ReadPacketAsync("SUBACK or UNSUBACK")).Length);
                else await scene.IsClosedAsync(peer, MqttReasonCode.PacketTooLarge);
            }
        }
    }

    [Fact(DisplayName = "5.0 [MQTT-3.8.3-3] No local keeps a client's own messages from it, over a new connection too")]
    public async Task No_local()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var peer = await scene.ConnectAsync("s", scene.Kept);
        await peer.SubscribeAsync(scene.Version, new MqttSubscription("a", MqttQoS.AtMostOnce, NoLocal: true));
        await scene.PublishAsync(peer, "a", "own");
        await scene.PublishAsync(await scene.ConnectAsync("t"), "a", "other's");
        Assert.Equal("other's", (await scene.ReadPublishAsync(peer)).Payload);
        await scene.CutAsync(peer);
        peer = await scene.ConnectAsync("s", scene.Kept);
        await scene.PublishAsync(peer, "a", "own");
        await Scene.IsAliveAsync(peer);
        scene.Host.Broker.Publish("a", "the server's"u8);
        Assert.Equal("the server's", (await scene.ReadPublishAsync(peer)).Payload);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.8.3-4] No local on a shared subscription is a protocol error")]
    public async Task No_local_shared()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        await scene.IsRefusedAsync(Craft.Subscribe(scene.Version, "$share/g/a"u8.ToArray(), 4), MqttReasonCode.ProtocolError);
    }
}
