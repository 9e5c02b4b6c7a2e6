namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>5.0 §3.3.2.3: properties of PUBLISH.</summary>
public sealed class Section3_03_PublishPropertiesTests
{
    private const MqttProtocolVersion V5 = MqttProtocolVersion.V500;

    private static Task PublishAsync(RawConnection peer, string topic, MqttProperties properties, MqttQoS qos = MqttQoS.AtMostOnce, bool retain = false) =>
        peer.SendAsync(w => PublishPacket.Write(
            w, V5, System.Text.Encoding.UTF8.GetBytes(topic), PropertySection.Encode(properties), "x"u8, qos, retain, false, (ushort)(qos == MqttQoS.AtMostOnce ? 0 : 9)));

    private static async Task<MqttProperties> ReadAsync(RawConnection peer)
    {
        var bytes = await peer.ReadPacketAsync("PUBLISH");
        Assert.Equal(3, bytes[0] >> 4);
        Assert.True(PublishPacket.TryParse((byte)(bytes[0] & 15), bytes.AsSpan(bytes[1] > 127 ? 3 : 2), V5, out var packet, out _));
        return MqttProperties.FromValidated(packet.Properties, PropertyScopes.Publish);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.3.2-4][MQTT-3.3.2-15][MQTT-3.3.2-16][MQTT-3.3.2-17][MQTT-3.3.2-18][MQTT-3.3.2-20] What belongs to the message is passed on unaltered and in order, live, queued and retained")]
    public async Task Passed_on()
    {
        await using var scene = await Scene.StartAsync(V5);
        var sent = new MqttProperties
        {
            PayloadFormatIndicator = true,
            ResponseTopic = "answer/to",
            CorrelationData = [0, 1, 255],
            ContentType = "text/plain; charset=utf-8",
            UserProperties = [new("z", "1"), new("a", "2"), new("z", "1"), new("", "")],
        };
        var live = await scene.SubscriberAsync("a", clientId: "live");
        await scene.DisconnectAsync(await scene.SubscriberAsync("a", clientId: "queued"));
        await PublishAsync(await scene.ConnectAsync(), "a", sent, MqttQoS.AtLeastOnce, retain: true);
        Assert.Equivalent(sent, await ReadAsync(live), strict: true);
        Assert.Equivalent(sent, await ReadAsync(await scene.ConnectAsync("queued", scene.Kept)), strict: true);
        Assert.Equivalent(sent, await ReadAsync(await scene.SubscriberAsync("a", clientId: "late")), strict: true);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.3.2-5][MQTT-3.3.2-6] A message that waits longer than its expiry is not delivered; one that waits less tells the rest")]
    public async Task Expiry()
    {
        var time = new FakeTimeProvider();
        await using var scene = await Scene.StartAsync(V5, time: time);
        await scene.DisconnectAsync(await scene.SubscriberAsync("+", clientId: "s"));
        var publisher = await scene.ConnectAsync();
        await PublishAsync(publisher, "a", new() { MessageExpiryInterval = 10 }, MqttQoS.AtLeastOnce, retain: true);
        await PublishAsync(publisher, "b", new() { MessageExpiryInterval = 100 }, MqttQoS.AtLeastOnce, retain: true);
        await PublishAsync(publisher, "c", new(), MqttQoS.AtLeastOnce);
        for (var i = 0; i < 3; i++) Assert.Equal(0x40, (await publisher.ReadPacketAsync("PUBACK"))[0]);
        time.Advance(TimeSpan.FromSeconds(30));
        var subscriber = await scene.ConnectAsync("s", scene.Kept);
        Assert.Equal(70u, (await ReadAsync(subscriber)).MessageExpiryInterval);
        Assert.Null((await ReadAsync(subscriber)).MessageExpiryInterval);
        var late = await scene.SubscriberAsync("+", MqttQoS.AtMostOnce, clientId: "late");
        Assert.Equal(70u, (await ReadAsync(late)).MessageExpiryInterval);
        await Scene.IsAliveAsync(late);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.3.2-7] An alias is forgotten with its connection, that of the client and that of the server")]
    public async Task Aliases_of_a_connection()
    {
        await using var scene = await Scene.StartAsync(V5);
        var publisher = await scene.ConnectAsync("p", scene.Kept);
        await PublishAsync(publisher, "a", new() { TopicAlias = 1 });
        await Scene.IsAliveAsync(publisher);
        await scene.DisconnectAsync(publisher);
        publisher = await scene.ConnectAsync("p", scene.Kept);
        await PublishAsync(publisher, "", new() { TopicAlias = 1 });
        await scene.IsClosedAsync(publisher, MqttReasonCode.ProtocolError);

        ConnectPacket WithAliases(ConnectPacket c) => scene.Kept(c) with { Properties = new() { TopicAliasMaximum = 5, SessionExpiryInterval = 100 } };
        var subscriber = await scene.ConnectAsync("s", WithAliases);
        await subscriber.SubscribeAsync(V5, new MqttSubscription("a", MqttQoS.AtLeastOnce));
        for (var round = 0; round < 2; round++)
        {
            scene.Host.Broker.Publish("a", "x"u8);
            Assert.Equal("a", (await scene.ReadPublishAsync(subscriber)).Topic);
            await scene.CutAsync(subscriber);
            subscriber = await scene.ConnectAsync("s", WithAliases);
        }
    }

    [Fact(DisplayName = "5.0 [MQTT-3.3.2-8][MQTT-3.3.2-9][MQTT-3.2.2-17] Alias 0 and aliases above the maximum are refused with 0x94")]
    public async Task Aliases_out_of_range()
    {
        await using var scene = await Scene.StartAsync(V5);
        var maximum = scene.Host.Broker.Limits.TopicAliasMaximum;
        await scene.IsRefusedAsync(Craft.Publish(V5, [0x61], 0x23, 0, 0), MqttReasonCode.TopicAliasInvalid);
        await scene.IsRefusedAsync(Craft.Publish(V5, [0x61], [0x23, .. Craft.Id(maximum + 1)]), MqttReasonCode.TopicAliasInvalid);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.3.2-12] Every alias from 1 to the maximum that CONNACK names is taken, and can be given to another topic")]
    public async Task Aliases_in_range()
    {
        await using var scene = await Scene.StartAsync(V5);
        var watcher = await scene.SubscriberAsync("#");
        var (publisher, answer) = await scene.TryConnectAsync("p");
        for (var alias = (ushort)1; alias <= answer.Properties!.TopicAliasMaximum; alias++)
        {
            await PublishAsync(publisher, $"first/{alias}", new() { TopicAlias = alias });
            await PublishAsync(publisher, $"then/{alias}", new() { TopicAlias = alias });
            await PublishAsync(publisher, "", new() { TopicAlias = alias });
            foreach (var expected in new[] { "first", "then", "then" }) Assert.Equal($"{expected}/{alias}", (await scene.ReadPublishAsync(watcher)).Topic);
        }
    }

    [Fact(DisplayName = "5.0 [MQTT-3.1.2-26][MQTT-3.1.2-27][MQTT-3.3.2-8][MQTT-3.3.2-11] The server uses aliases from 1 to the client's maximum, and none without one")]
    public async Task Aliases_of_the_server()
    {
        await using var scene = await Scene.StartAsync(V5);
        foreach (ushort? maximum in new ushort?[] { null, 0, 2 })
        {
            var subscriber = await scene.ConnectAsync($"s{maximum}", c => c with { Properties = new() { TopicAliasMaximum = maximum } });
            await subscriber.SubscribeAsync(V5, new MqttSubscription("#", MqttQoS.AtMostOnce));
            for (var i = 0; i < 10; i++)
            {
                scene.Host.Broker.Publish($"topic/{i % 5}", "x"u8);
                var publish = await scene.ReadPublishAsync(subscriber);
                Assert.InRange(publish.TopicAlias, 0, maximum ?? 0);
                Assert.True(publish.Topic.Length > 0 || publish.TopicAlias > 0);
            }

            await scene.DisconnectAsync(subscriber);
        }
    }

    [Fact(DisplayName = "5.0 [MQTT-3.3.2-13][MQTT-3.3.2-14] A response topic is a topic name: well-formed, without wildcards")]
    public async Task Response_topic()
    {
        await using var scene = await Scene.StartAsync(V5);
        await scene.IsRefusedAsync(Craft.Publish(V5, [0x61], [0x08, .. Craft.Text("a/#")]), MqttReasonCode.ProtocolError);
        await scene.IsRefusedAsync(Craft.Publish(V5, [0x61], [0x08, .. Craft.Text("+")]), MqttReasonCode.ProtocolError);
        await scene.IsRefusedAsync(Craft.Publish(V5, [0x61], [0x08, .. Craft.Text([0xFF])]), MqttReasonCode.MalformedPacket);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.3.2-19] A content type is well-formed UTF-8")]
    public async Task Content_type()
    {
        await using var scene = await Scene.StartAsync(V5);
        await scene.IsRefusedAsync(Craft.Publish(V5, [0x61], [0x03, .. Craft.Text([0x61, 0x80])]), MqttReasonCode.MalformedPacket);
    }
}
