using System.Net;
using System.Text;
using System.Threading.Channels;

namespace SmartCity.Mqtt.Tests;

/// <summary>Messages through the broker, with our own client over real sockets.</summary>
public sealed class PublishTests
{
    public static TheoryData<MqttProtocolVersion, MqttQoS> VersionsAndQoS => new()
    {
        { MqttProtocolVersion.V311, MqttQoS.AtMostOnce }, { MqttProtocolVersion.V311, MqttQoS.AtLeastOnce }, { MqttProtocolVersion.V311, MqttQoS.ExactlyOnce },
        { MqttProtocolVersion.V500, MqttQoS.AtMostOnce }, { MqttProtocolVersion.V500, MqttQoS.AtLeastOnce }, { MqttProtocolVersion.V500, MqttQoS.ExactlyOnce },
    };

    [Theory]
    [MemberData(nameof(VersionsAndQoS))]
    public async Task A_message_reaches_its_subscriber_and_is_acknowledged(MqttProtocolVersion version, MqttQoS qos)
    {
        await using var host = await BrokerHost.StartAsync();
        await using var subscriber = await host.ConnectAsync("sub", version);
        await using var publisher = await host.ConnectAsync("pub", version);
        var got = Channel.CreateUnbounded<MqttMessage>();
        Assert.Equal(qos, await subscriber.SubscribeAsync("city/+/hn/#", qos, (m, stop) => got.Writer.WriteAsync(m, stop)));

        Assert.Equal(MqttReasonCode.Success, await publisher.PublishAsync("city/bac/hn/air/d1", "hello"u8.ToArray(), qos));

        var message = await got.Reader.ReadAsync().AsTask().Within("the message");
        Assert.Equal("city/bac/hn/air/d1", message.Topic);
        Assert.Equal("hello", Encoding.UTF8.GetString(message.Payload.Span));
        Assert.Equal(qos, message.QoS);
        Assert.False(message.Retain);
    }

    [Theory]
    [MemberData(nameof(VersionsAndQoS))]
    public async Task The_handler_gets_every_message_once_and_in_order(MqttProtocolVersion version, MqttQoS qos)
    {
        var handler = new ScriptedHandler { Durable = false };
        await using var host = await BrokerHost.StartAsync(handler);
        await using var publisher = await host.ConnectAsync("pub", version);
        for (var i = 0; i < 500; i++) await publisher.PublishAsync("t", Encoding.UTF8.GetBytes($"{i}"), qos);
        await Eventually.True(() => handler.Accepted.Count >= 500, "500 messages at the handler");
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), handler.Accepted.Select(a => a.Payload));
        Assert.Equal(500, host.Metrics.PublishesIn(qos));
    }

    [Fact]
    public async Task A_client_connects_by_name_and_over_IPv6()
    {
        await using var six = await BrokerHost.StartAsync(address: IPAddress.IPv6Loopback);
        await using var byAddress = await six.ConnectAsync(six.Options() with { Host = "::1" });
        Assert.Equal(MqttReasonCode.Success, await byAddress.PublishAsync("t", "x"u8.ToArray(), MqttQoS.AtLeastOnce));
        await using var four = await BrokerHost.StartAsync();
        await using var byName = await four.ConnectAsync(four.Options() with { Host = "localhost" });
        Assert.Equal(MqttReasonCode.Success, await byName.PublishAsync("t", "x"u8.ToArray(), MqttQoS.AtLeastOnce));
    }

    [Fact]
    public async Task A_large_message_goes_through_and_a_larger_one_than_the_limit_closes_only_its_connection()
    {
        await using var host = await BrokerHost.StartAsync(limits: l => l.MaxPacketSize = 200_000);
        await using var subscriber = await host.ConnectAsync("sub");
        var got = Channel.CreateUnbounded<MqttMessage>();
        await subscriber.SubscribeAsync("big", MqttQoS.AtLeastOnce, (m, stop) => got.Writer.WriteAsync(m, stop));
        await using var publisher = await host.ConnectAsync("pub");
        var payload = new byte[190_000];
        Random.Shared.NextBytes(payload);
        await publisher.PublishAsync("big", payload, MqttQoS.AtLeastOnce);
        Assert.Equal(payload, (await got.Reader.ReadAsync().AsTask().Within("the large message")).Payload.ToArray());

        // Our client keeps to the limit that it was told; this one does not.
        using var rude = await host.OpenRawAsync();
        await rude.ConnectAsync("rude", MqttProtocolVersion.V500);
        await rude.PublishAsync(MqttProtocolVersion.V500, "big", new string('x', 200_001), MqttQoS.AtLeastOnce, 1);
        var goodbye = await rude.ReadPacketAsync("DISCONNECT");
        Assert.Equal((0xE0, (byte)MqttReasonCode.PacketTooLarge), (goodbye[0], goodbye[2]));
        Assert.Contains("MaxPacketSize", System.Text.Encoding.UTF8.GetString(goodbye), StringComparison.Ordinal);
        Assert.True(subscriber.IsConnected);
    }

    [Fact]
    public async Task MQTT_3_3_1_5_A_retained_message_meets_a_later_subscriber_and_an_empty_one_removes_it()
    {
        await using var host = await BrokerHost.StartAsync();
        await using var publisher = await host.ConnectAsync("pub");
        await publisher.PublishAsync("state/a", "on"u8.ToArray(), MqttQoS.AtLeastOnce, retain: true);
        await using var subscriber = await host.ConnectAsync("sub");
        var got = Channel.CreateUnbounded<MqttMessage>();
        await subscriber.SubscribeAsync("state/#", MqttQoS.AtLeastOnce, (m, stop) => got.Writer.WriteAsync(m, stop));
        Assert.True((await got.Reader.ReadAsync().AsTask().Within("the retained message")).Retain);

        await publisher.PublishAsync("state/a", default, MqttQoS.AtLeastOnce, retain: true);
        Assert.False((await got.Reader.ReadAsync().AsTask().Within("the removal")).Retain);
        Assert.Equal(0, host.Broker.RetainedCount);
    }

    [Fact]
    public async Task MQTT_3_8_3_3_No_local_keeps_a_clients_own_messages_away()
    {
        await using var host = await BrokerHost.StartAsync();
        await using var client = await host.ConnectAsync("both");
        await using var other = await host.ConnectAsync("other");
        var got = Channel.CreateUnbounded<MqttMessage>();
        await client.SubscribeAsync(new MqttSubscription("t", MqttQoS.AtLeastOnce, NoLocal: true), (m, stop) => got.Writer.WriteAsync(m, stop));
        await client.PublishAsync("t", "mine"u8.ToArray(), MqttQoS.AtLeastOnce);
        await other.PublishAsync("t", "theirs"u8.ToArray(), MqttQoS.AtLeastOnce);
        Assert.Equal("theirs", Encoding.UTF8.GetString((await got.Reader.ReadAsync().AsTask().Within("the other's message")).Payload.Span));
    }

    [Fact]
    public async Task MQTT_3_3_2_15_Properties_are_passed_on_unaltered_with_the_subscription_identifier_and_without_the_alias()
    {
        await using var host = await BrokerHost.StartAsync();
        using var subscriber = await host.OpenRawAsync();
        await subscriber.ConnectAsync("sub", MqttProtocolVersion.V500);
        await subscriber.SendAsync(w => new SubscribePacket(1, [new("t", MqttQoS.AtMostOnce)]) { Properties = new() { SubscriptionIdentifiers = [300] } }.Write(w, MqttProtocolVersion.V500));
        await subscriber.ReadPacketAsync("SUBACK");
        await using var publisher = await host.ConnectAsync("pub");
        var sent = new MqttProperties
        {
            ContentType = "application/json",
            PayloadFormatIndicator = true,
            ResponseTopic = "answer",
            CorrelationData = [1, 2],
            TopicAlias = 3,
            MessageExpiryInterval = 60,
            UserProperties = [new("a", "1"), new("a", "2")],
        };
        await publisher.PublishAsync("t", "{}"u8.ToArray(), properties: sent);

        var bytes = await subscriber.ReadPacketAsync("the PUBLISH");
        Assert.True(PublishPacket.TryParse((byte)(bytes[0] & 15), bytes.AsSpan(2), MqttProtocolVersion.V500, out var packet, out _));
        var got = MqttProperties.FromValidated(packet.Properties, PropertyScopes.Publish);
        Assert.Equal(("application/json", true, "answer", (ushort?)null), (got.ContentType, got.PayloadFormatIndicator, got.ResponseTopic, got.TopicAlias));
        Assert.Equal([1, 2], got.CorrelationData!);
        Assert.Equal(sent.UserProperties, got.UserProperties);
        Assert.Equal([300u], got.SubscriptionIdentifiers!);
        Assert.InRange(got.MessageExpiryInterval!.Value, 1u, 60u);
    }

    [Fact]
    public async Task MQTT_3_3_4_6_A_clients_PUBLISH_with_a_subscription_identifier_is_a_protocol_error()
    {
        await using var host = await BrokerHost.StartAsync();
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V500);
        var properties = PropertySection.Encode(new() { SubscriptionIdentifiers = [1] });
        await peer.SendAsync(w => PublishPacket.Write(w, MqttProtocolVersion.V500, "t"u8, properties, "x"u8, MqttQoS.AtMostOnce, false, false, 0));
        Assert.Equal((byte)MqttReasonCode.ProtocolError, (await peer.ReadPacketAsync("DISCONNECT"))[2]);
        Assert.True(await peer.IsClosedAsync());
    }
}
