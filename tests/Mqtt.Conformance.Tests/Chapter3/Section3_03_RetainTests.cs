namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 and 5.0 §3.3.1.3: retained messages.</summary>
public sealed class Section3_03_RetainTests
{
    [Theory(DisplayName = "3.1.1 [MQTT-3.3.1-5][MQTT-3.3.1-6][MQTT-3.3.1-8] 5.0 [MQTT-3.3.1-5][MQTT-3.3.1-9] The last retained message of each matching topic, with its QoS, meets a new subscription with RETAIN 1")]
    [ClassData(typeof(BothVersions))]
    public async Task Kept_and_sent(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var publisher = await scene.ConnectAsync();
        await scene.PublishAndWaitAsync(publisher, "a/1", "old", retain: true);
        await scene.PublishAndWaitAsync(publisher, "a/1", "new", retain: true);
        await scene.PublishAsync(publisher, "a/2", "zero", retain: true);
        await Scene.IsAliveAsync(publisher);
        var subscriber = await scene.SubscriberAsync("a/+");
        var got = new[] { await scene.ReadPublishAsync(subscriber), await scene.ReadPublishAsync(subscriber) }.OrderBy(p => p.Topic).ToArray();
        Assert.Equal([("a/1", "new", MqttQoS.AtLeastOnce, true), ("a/2", "zero", MqttQoS.AtMostOnce, true)], got.Select(p => (p.Topic, p.Payload, p.QoS, p.Retain)));
        await Scene.IsAliveAsync(subscriber);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.3.1-7] 5.0 [MQTT-3.3.1-5] A retained message of QoS 0 replaces an older one of QoS 1")]
    [ClassData(typeof(BothVersions))]
    public async Task QoS_0_replaces(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var publisher = await scene.ConnectAsync();
        await scene.PublishAndWaitAsync(publisher, "a", "old", retain: true);
        await scene.PublishAsync(publisher, "a", "new", retain: true);
        await Scene.IsAliveAsync(publisher);
        Assert.Equal("new", (await scene.ReadPublishAsync(await scene.SubscriberAsync("a"))).Payload);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.3.1-9] 5.0 [MQTT-3.3.1-12] A subscription that is there already gets a retained message with RETAIN 0")]
    [ClassData(typeof(BothVersions))]
    public async Task Live_messages(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var subscriber = await scene.SubscriberAsync("a");
        await scene.PublishAsync(await scene.ConnectAsync(), "a", "x", retain: true);
        Assert.False((await scene.ReadPublishAsync(subscriber)).Retain);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.3.1-10][MQTT-3.3.1-11] 5.0 [MQTT-3.3.1-6][MQTT-3.3.1-7] An empty retained message is delivered, removes the one that is kept, and is not kept")]
    [ClassData(typeof(BothVersions))]
    public async Task Removed(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var publisher = await scene.ConnectAsync();
        await scene.PublishAndWaitAsync(publisher, "a", "kept", retain: true);
        var early = await scene.SubscriberAsync("a", clientId: "early");
        Assert.Equal("kept", (await scene.ReadPublishAsync(early)).Payload);
        await scene.PublishAsync(publisher, "a", "", retain: true);
        var empty = await scene.ReadPublishAsync(early);
        Assert.Equal(("", false), (empty.Payload, empty.Retain));
        Assert.Equal(0, scene.Host.Broker.RetainedCount);
        await Scene.IsAliveAsync(await scene.SubscriberAsync("a", clientId: "late"));
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.3.1-12] 5.0 [MQTT-3.3.1-8] A message without RETAIN neither is kept nor touches the one that is")]
    [ClassData(typeof(BothVersions))]
    public async Task Untouched(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var publisher = await scene.ConnectAsync();
        await scene.PublishAndWaitAsync(publisher, "a", "kept", retain: true);
        await scene.PublishAndWaitAsync(publisher, "a", "other");
        await scene.PublishAndWaitAsync(publisher, "a", "");
        await scene.PublishAndWaitAsync(publisher, "b", "other");
        var subscriber = await scene.SubscriberAsync("#");
        Assert.Equal("kept", (await scene.ReadPublishAsync(subscriber)).Payload);
        await Scene.IsAliveAsync(subscriber);
    }

    [Theory(DisplayName = "5.0 [MQTT-3.3.1-9][MQTT-3.3.1-10][MQTT-3.3.1-11][MQTT-3.8.4-4] Retain handling 0 sends retained messages at each SUBSCRIBE, 1 only for a new subscription, 2 never")]
    [InlineData(0, true, true)]
    [InlineData(1, true, false)]
    [InlineData(2, false, false)]
    public async Task Retain_handling(byte handling, bool first, bool again)
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        await scene.PublishAndWaitAsync(await scene.ConnectAsync(), "a", "kept", retain: true);
        var subscriber = await scene.ConnectAsync("s");
        foreach (var expected in new[] { first, again })
        {
            await subscriber.SubscribeAsync(scene.Version, new MqttSubscription("a", MqttQoS.AtMostOnce, RetainHandling: handling));
            if (expected) Assert.Equal("kept", (await scene.ReadPublishAsync(subscriber)).Payload);
            scene.Host.Broker.Publish("a", "marker"u8);
            Assert.Equal("marker", (await scene.ReadPublishAsync(subscriber)).Payload);
        }
    }

    [Theory(DisplayName = "5.0 [MQTT-3.3.1-12][MQTT-3.3.1-13] Retain as published decides whether RETAIN is passed on")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retain_as_published(bool asPublished)
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var subscriber = await scene.ConnectAsync("s");
        await subscriber.SubscribeAsync(scene.Version, new MqttSubscription("a", MqttQoS.AtMostOnce, RetainAsPublished: asPublished));
        scene.Host.Broker.Publish("a", "x"u8, retain: true);
        Assert.Equal(asPublished, (await scene.ReadPublishAsync(subscriber)).Retain);
        scene.Host.Broker.Publish("a", "x"u8);
        Assert.False((await scene.ReadPublishAsync(subscriber)).Retain);
    }
}
