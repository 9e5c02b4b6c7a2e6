namespace SmartCity.Mqtt.Tests;

/// <summary>Topic aliases from the server to a client (MQTT 5.0 §3.3.2.3.4).</summary>
public sealed class TopicAliasTests
{
    private const MqttProtocolVersion V5 = MqttProtocolVersion.V500;

    [Fact]
    public async Task A_repeated_topic_is_sent_as_its_alias_alone()
    {
        await using var host = await BrokerHost.StartAsync();
        using var peer = await SubscribedAsync(host, 1);
        for (var i = 0; i < 3; i++) host.Broker.Publish("city/bac/hn", "x"u8);
        var first = await peer.ReadPublishAsync(V5, "the first");
        Assert.Equal(("city/bac/hn", (ushort)1), (first.Topic, first.TopicAlias));
        for (var i = 0; i < 2; i++)
        {
            var next = await peer.ReadPublishAsync(V5, "a further one");
            Assert.Equal(("", (ushort)1, "x"), (next.Topic, next.TopicAlias, next.Payload));
        }
    }

    [Fact]
    public async Task MQTT_3_1_2_26_No_alias_exceeds_what_the_client_allows_and_further_topics_are_sent_whole()
    {
        await using var host = await BrokerHost.StartAsync();
        using var peer = await SubscribedAsync(host, 2);
        var known = new Dictionary<ushort, string>();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 20; i++)
            {
                host.Broker.Publish($"topic/{i}", "x"u8);
                var got = await peer.ReadPublishAsync(V5, "a message");
                Assert.InRange(got.TopicAlias, 0, 2);
                if (got.Topic.Length > 0 && got.TopicAlias > 0) known[got.TopicAlias] = got.Topic;
                Assert.Equal($"topic/{i}", got.Topic.Length > 0 ? got.Topic : known[got.TopicAlias]);
            }
        }

        Assert.NotEmpty(known);
    }

    [Fact]
    public async Task MQTT_3_1_2_27_A_client_that_allows_none_gets_none()
    {
        await using var host = await BrokerHost.StartAsync();
        using var peer = await SubscribedAsync(host, 0);
        for (var i = 0; i < 2; i++)
        {
            host.Broker.Publish("city/bac/hn", "x"u8);
            var got = await peer.ReadPublishAsync(V5, "a message");
            Assert.Equal(("city/bac/hn", (ushort)0), (got.Topic, got.TopicAlias));
        }
    }

    private static async Task<RawConnection> SubscribedAsync(BrokerHost host, ushort aliases)
    {
        var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", V5, p => p with { Properties = new() { TopicAliasMaximum = aliases } });
        await peer.SubscribeAsync(V5, new MqttSubscription("#", MqttQoS.AtMostOnce));
        return peer;
    }
}
