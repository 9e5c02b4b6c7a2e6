using System.Text;

namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 and 5.0 §4.7: topic names and filters.</summary>
public sealed class Section4_7_TopicTests
{
    [Theory(DisplayName = "3.1.1 [MQTT-4.7.1-2][MQTT-4.7.1-3] 5.0 [MQTT-4.7.1-1][MQTT-4.7.1-2] # is the whole last level and + a whole level, else the filter is refused")]
    [ClassData(typeof(BothVersions))]
    public async Task Place_of_wildcards(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        foreach (var filter in new[] { "a#", "#/a", "a/#/b", "##", "a+", "+a", "a/b+/c", "++", "a/+b" })
        {
            await scene.IsRefusedAsync(Craft.Subscribe(version, Encoding.UTF8.GetBytes(filter)), MqttReasonCode.TopicFilterInvalid);
            await scene.IsRefusedAsync(Craft.Unsubscribe(version, Encoding.UTF8.GetBytes(filter)), MqttReasonCode.TopicFilterInvalid);
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.7.1-2][MQTT-4.7.1-3] 5.0 [MQTT-4.7.1-1][MQTT-4.7.1-2] Wildcards match the levels that they stand for and no others")]
    [ClassData(typeof(BothVersions))]
    public async Task Matching(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        string[] topics = ["a", "/a", "a/", "a/b", "a/b/c", "b/c", "/", "a//c"];
        foreach (var (filter, expected) in new (string, string[])[]
        {
            ("#", topics), ("a/#", ["a", "a/", "a/b", "a/b/c", "a//c"]), ("a/+", ["a/", "a/b"]), ("+", ["a"]), ("+/+", ["/a", "a/", "a/b", "b/c", "/"]),
            ("/+", ["/a", "/"]), ("a/+/c", ["a/b/c", "a//c"]), ("+/#", topics), ("+/b/#", ["a/b", "a/b/c"]), ("a/+/#", ["a/", "a/b", "a/b/c", "a//c"]),
        })
        {
            var peer = await scene.ConnectAsync("s");
            await peer.SubscribeAsync(version, new(filter, MqttQoS.AtMostOnce), new("marker", MqttQoS.AtMostOnce));
            foreach (var topic in topics) scene.Host.Broker.Publish(topic, "x"u8);
            scene.Host.Broker.Publish("marker", "end"u8);
            var got = new List<string>();
            for (var publish = await scene.ReadPublishAsync(peer); publish.Payload != "end"; publish = await scene.ReadPublishAsync(peer)) got.Add(publish.Topic);
            Assert.Equal(expected, got);
            await scene.DisconnectAsync(peer);
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.7.2-1] 5.0 [MQTT-4.7.2-1] A filter that begins with a wildcard does not match a topic that begins with $")]
    [ClassData(typeof(BothVersions))]
    public async Task Dollar_topics(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var wild = await scene.ConnectAsync("wild");
        await wild.SubscribeAsync(version, new("#", MqttQoS.AtMostOnce), new("+/x", MqttQoS.AtMostOnce), new("+/#", MqttQoS.AtMostOnce));
        var exact = await scene.SubscriberAsync("$own/#", clientId: "exact");
        scene.Host.Broker.Publish("$own/x", "x"u8);
        scene.Host.Broker.Publish("a/$own", "x"u8);
        Assert.Equal("$own/x", (await scene.ReadPublishAsync(exact)).Topic);
        Assert.Equal("a/$own", (await scene.ReadPublishAsync(wild)).Topic);
        await Scene.IsAliveAsync(wild);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.7.3-1] 5.0 [MQTT-4.7.3-1] An empty topic name or filter is refused")]
    [ClassData(typeof(BothVersions))]
    public async Task Empty(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.IsRefusedAsync(Craft.Publish(version, []), MqttReasonCode.TopicNameInvalid);
        await scene.IsRefusedAsync(Craft.Subscribe(version, []), MqttReasonCode.TopicFilterInvalid);
        await scene.IsRefusedAsync(Craft.Unsubscribe(version, []), MqttReasonCode.TopicFilterInvalid);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.7.3-2] 5.0 [MQTT-4.7.3-2] U+0000 in a topic name or filter is refused")]
    [ClassData(typeof(BothVersions))]
    public async Task Null_character(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.IsRefusedAsync(Craft.Publish(version, [0]), MqttReasonCode.MalformedPacket);
        await scene.IsRefusedAsync(Craft.Subscribe(version, [0x61, 0x2F, 0]), MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.7.3-3] 5.0 [MQTT-4.7.3-3] A topic of 65,535 bytes is taken by the codec; the broker refuses what its limit does not allow")]
    [ClassData(typeof(BothVersions))]
    public async Task Longest(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version, l => l.MaxTopicLength = ushort.MaxValue);
        var name = new string('x', ushort.MaxValue);
        var peer = await scene.SubscriberAsync(name);
        scene.Host.Broker.Publish(name, "y"u8);
        var bytes = await peer.ReadPacketAsync("PUBLISH");
        Assert.Equal([0xFF, 0xFF, (byte)'x'], bytes[4..7]);
        await using var strict = await Scene.StartAsync(version);
        await strict.IsRefusedAsync(Craft.Publish(version, new byte[ushort.MaxValue].Select(_ => (byte)'x').ToArray()), MqttReasonCode.TopicNameInvalid);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-4.7.3-4] 5.0 [MQTT-4.7.3-4] Topics are compared as they are: no case, no Unicode form and no slash is put right")]
    [ClassData(typeof(BothVersions))]
    public async Task No_normalization(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        foreach (var (filter, other) in new[] { ("caf\u00E9", "cafe\u0301"), ("Accounts", "ACCOUNTS"), ("a/b", "a//b"), ("a", "a "), ("\uFF41", "a"), ("\u212B", "\u00C5") })
        {
            var peer = await scene.ConnectAsync("s");
            await peer.SubscribeAsync(version, new MqttSubscription(filter, MqttQoS.AtMostOnce));
            scene.Host.Broker.Publish(other, "x"u8);
            scene.Host.Broker.Publish(filter, "x"u8);
            Assert.Equal(filter, (await scene.ReadPublishAsync(peer)).Topic);
            await scene.DisconnectAsync(peer);
        }
    }
}
