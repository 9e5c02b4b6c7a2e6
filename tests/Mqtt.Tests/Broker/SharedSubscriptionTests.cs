namespace SmartCity.Mqtt.Tests;

/// <summary>Shared subscriptions (MQTT 5.0 §4.8.2).</summary>
public sealed class SharedSubscriptionTests
{
    private const MqttProtocolVersion V5 = MqttProtocolVersion.V500;

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public async Task Members_of_a_group_take_turns_and_each_message_goes_to_one_of_them(MqttProtocolVersion version)
    {
        await using var host = await BrokerHost.StartAsync();
        using var a = await JoinAsync(host, "a", version, MqttQoS.AtLeastOnce);
        using var b = await JoinAsync(host, "b", version, MqttQoS.AtLeastOnce);
        using var alone = await host.OpenRawAsync();
        await alone.ConnectAsync("alone", version);
        await alone.SubscribeAsync(version, new MqttSubscription("t/#", MqttQoS.AtLeastOnce));
        for (var i = 0; i < 10; i++) host.Broker.Publish("t/1", [(byte)('0' + i)], MqttQoS.AtLeastOnce);
        var got = new List<string>();
        for (var i = 0; i < 5; i++) got.Add((await a.ReadPublishAsync(version, "PUBLISH for a")).Payload);
        for (var i = 0; i < 5; i++) got.Add((await b.ReadPublishAsync(version, "PUBLISH for b")).Payload);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], got.Order());
        for (var i = 0; i < 10; i++) Assert.Equal($"{i}", (await alone.ReadPublishAsync(version, "PUBLISH for the one that shares nothing")).Payload);
    }

    [Fact]
    public async Task Groups_of_other_names_and_filters_get_a_copy_each()
    {
        await using var host = await BrokerHost.StartAsync();
        using var a = await JoinAsync(host, "a", V5, MqttQoS.AtMostOnce, "$share/one/t/+");
        using var b = await JoinAsync(host, "b", V5, MqttQoS.AtMostOnce, "$share/two/t/+");
        using var c = await JoinAsync(host, "c", V5, MqttQoS.AtMostOnce, "$share/one/t/#");
        host.Broker.Publish("t/1", "x"u8);
        foreach (var member in new[] { a, b, c }) Assert.Equal("x", (await member.ReadPublishAsync(V5, "a copy for each group")).Payload);
    }

    [Fact]
    public async Task MQTT_4_8_2_3_The_QoS_granted_to_the_member_that_gets_it_counts()
    {
        await using var host = await BrokerHost.StartAsync();
        using var low = await JoinAsync(host, "low", V5, MqttQoS.AtMostOnce);
        using var high = await JoinAsync(host, "high", V5, MqttQoS.ExactlyOnce);
        for (var i = 0; i < 2; i++) host.Broker.Publish("t/1", "x"u8, MqttQoS.AtLeastOnce);
        Assert.Equal(MqttQoS.AtMostOnce, (await low.ReadPublishAsync(V5, "QoS 0")).QoS);
        Assert.Equal(MqttQoS.AtLeastOnce, (await high.ReadPublishAsync(V5, "QoS 1")).QoS);
    }

    [Fact]
    public async Task A_member_without_a_connection_is_passed_over_while_another_has_one()
    {
        await using var host = await BrokerHost.StartAsync();
        using (var away = await JoinAsync(host, "away", V5, MqttQoS.AtLeastOnce, expiry: 600)) away.Reset();
        await Eventually.True(() => host.Metrics.ConnectionsOpen == 0, "the member to go away");
        using var here = await JoinAsync(host, "here", V5, MqttQoS.AtLeastOnce);
        for (var i = 0; i < 4; i++) host.Broker.Publish("t/1", [(byte)('0' + i)], MqttQoS.AtLeastOnce);
        for (var i = 0; i < 4; i++) Assert.Equal($"{i}", (await here.ReadPublishAsync(V5, "every message")).Payload);
    }

    [Fact]
    public async Task QoS_1_that_a_member_leaves_unacknowledged_when_its_session_ends_goes_to_another()
    {
        await using var host = await BrokerHost.StartAsync();
        var first = await JoinAsync(host, "first", V5, MqttQoS.AtLeastOnce);
        host.Broker.Publish("t/1", "sent"u8, MqttQoS.AtLeastOnce);
        Assert.Equal("sent", (await first.ReadPublishAsync(V5, "PUBLISH for the first")).Payload);
        using var second = await JoinAsync(host, "second", V5, MqttQoS.AtLeastOnce);
        first.Reset(); // its session ends with its connection
        Assert.Equal("sent", (await second.ReadPublishAsync(V5, "what the first did not acknowledge")).Payload);
    }

    [Fact]
    public async Task MQTT_4_8_2_5_QoS_2_that_was_sent_to_a_member_whose_session_ends_goes_to_nobody_else()
    {
        await using var host = await BrokerHost.StartAsync();
        var first = await JoinAsync(host, "first", V5, MqttQoS.ExactlyOnce);
        host.Broker.Publish("t/1", "sent"u8, MqttQoS.ExactlyOnce);
        await first.ReadPublishAsync(V5, "PUBLISH for the first");
        using var second = await JoinAsync(host, "second", V5, MqttQoS.ExactlyOnce);
        first.Reset();
        await Eventually.True(() => host.Broker.SessionCount == 1, "the first session to end");
        host.Broker.Publish("t/1", "next"u8, MqttQoS.ExactlyOnce);
        Assert.Equal("next", (await second.ReadPublishAsync(V5, "only what came later")).Payload);
    }

    [Fact]
    public async Task Retained_messages_are_not_sent_to_a_new_shared_subscription()
    {
        await using var host = await BrokerHost.StartAsync();
        host.Broker.Publish("t/1", "kept"u8, retain: true);
        using var member = await JoinAsync(host, "m", V5, MqttQoS.AtMostOnce);
        host.Broker.Publish("t/1", "new"u8);
        Assert.Equal("new", (await member.ReadPublishAsync(V5, "the first message")).Payload);
    }

    [Fact]
    public async Task MQTT_3_8_3_4_No_local_on_a_shared_subscription_is_a_protocol_error()
    {
        await using var host = await BrokerHost.StartAsync();
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", V5);
        await peer.SendAsync(w => new SubscribePacket(1, [new("$share/g/t", MqttQoS.AtMostOnce, NoLocal: true)]).Write(w, V5));
        Assert.Equal((byte)MqttReasonCode.ProtocolError, (await peer.ReadPacketAsync("DISCONNECT"))[2]);
    }

    [Theory]
    [InlineData("$share/")]
    [InlineData("$share/g")]
    [InlineData("$share/g/")]
    [InlineData("$share//t")]
    public async Task MQTT_4_8_2_1_A_share_name_that_is_none_is_refused(string filter)
    {
        await using var host = await BrokerHost.StartAsync();
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", V5);
        Assert.Equal([MqttReasonCode.TopicFilterInvalid], await peer.SubscribeAsync(V5, new MqttSubscription(filter, MqttQoS.AtMostOnce)));
    }

    [Fact]
    public async Task After_UNSUBSCRIBE_the_others_get_everything()
    {
        await using var host = await BrokerHost.StartAsync();
        using var leaves = await JoinAsync(host, "leaves", V5, MqttQoS.AtMostOnce);
        using var stays = await JoinAsync(host, "stays", V5, MqttQoS.AtMostOnce);
        await leaves.SendAsync(w => new UnsubscribePacket(2, ["$share/g/t/+"]).Write(w, V5));
        Assert.Equal(0, (await leaves.ReadPacketAsync("UNSUBACK"))[^1]);
        for (var i = 0; i < 3; i++) host.Broker.Publish("t/1", [(byte)('0' + i)]);
        for (var i = 0; i < 3; i++) Assert.Equal($"{i}", (await stays.ReadPublishAsync(V5, "every message")).Payload);
    }

    private static async Task<RawConnection> JoinAsync(
        BrokerHost host, string clientId, MqttProtocolVersion version, MqttQoS qos, string filter = "$share/g/t/+", uint expiry = 0)
    {
        var peer = await host.OpenRawAsync();
        await peer.ConnectAsync(clientId, version, p => expiry == 0 ? p : p with { Properties = new() { SessionExpiryInterval = expiry } });
        Assert.Equal([(MqttReasonCode)qos], await peer.SubscribeAsync(version, new MqttSubscription(filter, qos)));
        return peer;
    }
}
