namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 §3.1.2.5 to §3.1.2.7, 5.0 the same and §3.1.3.2: the will.</summary>
public sealed class Section3_01_WillTests
{
    private static ConnectPacket With(ConnectPacket packet, bool retain = false, MqttQoS qos = MqttQoS.AtLeastOnce) =>
        packet with { Will = new("will", "gone"u8.ToArray(), qos, retain) };

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-8][MQTT-3.1.2-10][MQTT-3.1.2-16] 5.0 [MQTT-3.1.2-7][MQTT-3.1.2-8][MQTT-3.1.2-10][MQTT-3.1.2-14] The will is published once when the connection breaks, not retained")]
    [ClassData(typeof(BothVersions))]
    public async Task Published_on_failure(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var watcher = await scene.SubscriberAsync("#");
        await scene.CutAsync(await scene.ConnectAsync("a", c => With(c)));
        Assert.Equal("gone", (await scene.ReadPublishAsync(watcher)).Payload);
        await scene.DisconnectAsync(await scene.ConnectAsync("a"));
        scene.Host.Broker.Publish("marker", ""u8);
        Assert.Equal("marker", (await scene.ReadPublishAsync(watcher)).Topic);
        Assert.Equal(0, scene.Host.Broker.RetainedCount);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-8] 5.0 [MQTT-3.1.2-8] A violation of the protocol and a silent client leave their will too")]
    [ClassData(typeof(BothVersions))]
    public async Task Published_on_violation(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var watcher = await scene.SubscriberAsync("#");
        var peer = await scene.ConnectAsync("a", c => With(c));
        await peer.SendAsync(0x30, 2, 0, 9);
        await scene.IsClosedAsync(peer, MqttReasonCode.MalformedPacket);
        Assert.Equal("gone", (await scene.ReadPublishAsync(watcher)).Payload);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-10][MQTT-3.14.4-3] 5.0 [MQTT-3.1.2-10][MQTT-3.14.4-3] DISCONNECT discards the will")]
    [ClassData(typeof(BothVersions))]
    public async Task Discarded_by_DISCONNECT(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var watcher = await scene.SubscriberAsync("#");
        await scene.DisconnectAsync(await scene.ConnectAsync("a", c => With(c)));
        scene.Host.Broker.Publish("marker", ""u8);
        Assert.Equal("marker", (await scene.ReadPublishAsync(watcher)).Topic);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-12] 5.0 [MQTT-3.1.2-7] Without a will flag nothing is published")]
    [ClassData(typeof(BothVersions))]
    public async Task No_will(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var watcher = await scene.SubscriberAsync("#");
        await scene.CutAsync(await scene.ConnectAsync("a"));
        scene.Host.Broker.Publish("marker", ""u8);
        Assert.Equal("marker", (await scene.ReadPublishAsync(watcher)).Topic);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-17] 5.0 [MQTT-3.1.2-15] A will with will retain is retained")]
    [ClassData(typeof(BothVersions))]
    public async Task Retained(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.CutAsync(await scene.ConnectAsync("a", c => With(c, retain: true)));
        await Eventually.True(() => scene.Host.Broker.RetainedCount == 1, "the will is retained");
        var late = await scene.ReadPublishAsync(await scene.SubscriberAsync("will"));
        Assert.Equal(("gone", true, MqttQoS.AtLeastOnce), (late.Payload, late.Retain, late.QoS));
    }

    [Fact(DisplayName = "5.0 [MQTT-3.14.4-3][MQTT-3.1.2-8] DISCONNECT with 0x04 leaves the will")]
    public async Task Disconnect_with_will()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var watcher = await scene.SubscriberAsync("#");
        var peer = await scene.ConnectAsync("a", c => With(c));
        await peer.SendAsync(0xE0, 1, 4);
        Assert.Equal("gone", (await scene.ReadPublishAsync(watcher)).Payload);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.1.2-8] The will comes when its delay has passed, or when the session ends before")]
    public async Task Delay()
    {
        var time = new FakeTimeProvider();
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500, time: time);
        var watcher = await scene.SubscriberAsync("#");
        foreach (var (delay, expiry, due) in new (uint, uint, int)[] { (30, 3600, 30), (3600, 20, 20) })
        {
            await scene.CutAsync(await scene.ConnectAsync("a", c => c with
            {
                Will = With(c).Will! with { Properties = new() { WillDelayInterval = delay } },
                Properties = new() { SessionExpiryInterval = expiry },
            }));
            time.Advance(TimeSpan.FromSeconds(due - 3));
            scene.Host.Broker.Publish("marker", ""u8);
            Assert.Equal("marker", (await scene.ReadPublishAsync(watcher)).Topic);
            time.Advance(TimeSpan.FromSeconds(5));
            Assert.Equal("will", (await scene.ReadPublishAsync(watcher)).Topic);
        }
    }

    [Fact(DisplayName = "5.0 [MQTT-3.1.3-9] A connection that goes on with the session before the delay has passed keeps the will from being sent")]
    public async Task Delay_and_return()
    {
        var time = new FakeTimeProvider();
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500, time: time);
        var watcher = await scene.SubscriberAsync("#");
        await scene.CutAsync(await scene.ConnectAsync("a", c => scene.Kept(c) with { Will = With(c).Will! with { Properties = new() { WillDelayInterval = 30 } } }));
        time.Advance(TimeSpan.FromSeconds(20));
        await scene.ConnectAsync("a", scene.Kept);
        time.Advance(TimeSpan.FromSeconds(60));
        scene.Host.Broker.Publish("marker", ""u8);
        Assert.Equal("marker", (await scene.ReadPublishAsync(watcher)).Topic);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.1.3-10] The properties of the will go with it, its user properties in their order")]
    public async Task Properties()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var watcher = await scene.SubscriberAsync("will");
        MqttUserProperty[] users = [new("b", "1"), new("a", "2"), new("b", "1")];
        await scene.CutAsync(await scene.ConnectAsync("a", c => c with { Will = With(c).Will! with { Properties = new() { ContentType = "text/plain", UserProperties = [.. users] } } }));
        var bytes = await watcher.ReadPacketAsync("the will");
        Assert.True(PublishPacket.TryParse((byte)(bytes[0] & 15), bytes.AsSpan(2), scene.Version, out var packet, out _));
        var properties = MqttProperties.FromValidated(packet.Properties, PropertyScopes.Publish);
        Assert.Equal("text/plain", properties.ContentType);
        Assert.Equal(users, properties.UserProperties);
    }
}
