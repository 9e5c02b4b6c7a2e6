using System.Text;
using System.Threading.Channels;

namespace SmartCity.Mqtt.Tests;

/// <summary>Connections, sessions, wills and time.</summary>
public sealed class SessionTests
{
    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public async Task MQTT_3_1_4_3_A_second_connection_takes_the_client_identifier_over(MqttProtocolVersion version)
    {
        await using var host = await BrokerHost.StartAsync();
        using var first = await host.OpenRawAsync();
        await first.ConnectAsync("same", version);
        using var second = await host.OpenRawAsync();
        Assert.Equal(0, (await second.ConnectAsync("same", version))[3]);
        if (version == MqttProtocolVersion.V500)
        {
            var bytes = await first.ReadPacketAsync("DISCONNECT");
            Assert.Equal((0xE0, (byte)MqttReasonCode.SessionTakenOver), (bytes[0], bytes[2]));
        }

        Assert.True(await first.IsClosedAsync());
        await second.SendAsync(0xC0, 0);
        await second.ReadPacketAsync("PINGRESP: the second lives");
        await Eventually.True(() => host.Metrics.ConnectionsOpen == 1, "one open connection");
    }

    [Fact]
    public async Task Many_connections_with_one_client_identifier_leave_exactly_one_alive()
    {
        await using var host = await BrokerHost.StartAsync();
        var peers = new List<RawConnection>();
        for (var i = 0; i < 20; i++) peers.Add(await host.OpenRawAsync());
        foreach (var peer in peers) await peer.SendAsync(w => new ConnectPacket { ClientId = "same" }.Write(w));
        await Eventually.True(() => host.Metrics.ConnectionsTotal == 20 && host.Metrics.ConnectionsOpen == 1, "20 connections in turn, one left");
        foreach (var peer in peers) peer.Dispose();
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public async Task MQTT_4_4_0_1_A_resumed_session_gets_what_came_meanwhile_and_resends_with_DUP(MqttProtocolVersion version)
    {
        await using var host = await BrokerHost.StartAsync();
        ConnectPacket Keep(ConnectPacket p) => p with { CleanStart = false, Properties = version == MqttProtocolVersion.V500 ? new() { SessionExpiryInterval = 600 } : null };
        using (var first = await host.OpenRawAsync())
        {
            await first.ConnectAsync("keep", version, Keep);
            await first.SendAsync(w => new SubscribePacket(1, [new("t", MqttQoS.AtLeastOnce)]).Write(w, version));
            await first.ReadPacketAsync("SUBACK");
            host.Broker.Publish("t", "one"u8, MqttQoS.AtLeastOnce);
            Assert.Equal(0x32, (await first.ReadPacketAsync("PUBLISH one"))[0]);
            first.Reset();
        }

        await Eventually.True(() => host.Metrics.ConnectionsOpen == 0, "the first connection to end");
        host.Broker.Publish("t", "two"u8, MqttQoS.AtLeastOnce);
        host.Broker.Publish("t", "lost"u8, MqttQoS.AtMostOnce);
        host.Broker.Publish("t", "three"u8, MqttQoS.AtLeastOnce);
        using var second = await host.OpenRawAsync();
        Assert.Equal(1, (await second.ConnectAsync("keep", version, Keep))[2]);
        Assert.Equal((0x3A, "one"), Read(await second.ReadPacketAsync("PUBLISH one again, with DUP")));
        Assert.Equal((0x32, "two"), Read(await second.ReadPacketAsync("PUBLISH two")));
        Assert.Equal((0x32, "three"), Read(await second.ReadPacketAsync("PUBLISH three")));

        (int First, string Payload) Read(byte[] bytes)
        {
            Assert.True(PublishPacket.TryParse((byte)(bytes[0] & 15), bytes.AsSpan(2), version, out var packet, out _));
            return (bytes[0], Encoding.UTF8.GetString(packet.Payload));
        }
    }

    [Fact]
    public async Task MQTT_3_1_2_4_A_clean_start_forgets_the_session()
    {
        await using var host = await BrokerHost.StartAsync();
        await using (var first = await host.ConnectAsync(host.Options("c") with { CleanStart = false, SessionExpiry = TimeSpan.FromHours(1) }))
        {
            await first.SubscribeAsync("t", MqttQoS.AtLeastOnce, (_, _) => default);
        }

        await using var second = await host.ConnectAsync(host.Options("c") with { CleanStart = true });
        Assert.False(second.ConnAck!.SessionPresent);
        Assert.Equal(0, host.Broker.Subscriptions.Count);
    }

    [Fact]
    public async Task MQTT_3_1_2_11_2_A_session_ends_when_its_expiry_has_passed()
    {
        var time = new FakeTimeProvider();
        await using var host = await BrokerHost.StartAsync(time: time);
        await using (await host.ConnectAsync(host.Options("c") with { CleanStart = false, SessionExpiry = TimeSpan.FromSeconds(30) }))
        {
        }

        await Eventually.True(() => host.Metrics.ConnectionsOpen == 0, "the connection to end");
        time.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal(1, host.Broker.SessionCount);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, host.Broker.SessionCount);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public async Task MQTT_3_1_2_22_Silence_for_one_and_a_half_keep_alives_ends_the_connection(MqttProtocolVersion version)
    {
        var time = new FakeTimeProvider();
        await using var host = await BrokerHost.StartAsync(time: time);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", version, p => p with { KeepAlive = 10 });
        time.Advance(TimeSpan.FromSeconds(14));
        await peer.SendAsync(0xC0, 0);
        await peer.ReadPacketAsync("PINGRESP: 14 s of silence are fine");
        await Eventually.True(() => host.Metrics.BytesIn == 2, "the ping to be counted");
        time.Advance(TimeSpan.FromSeconds(14));
        await peer.SendAsync(0xC0, 0);
        await peer.ReadPacketAsync("PINGRESP: the count starts anew with each packet");
        await Eventually.True(() => host.Metrics.BytesIn == 4, "the second ping to be counted");
        time.Advance(TimeSpan.FromSeconds(17));
        if (version == MqttProtocolVersion.V500) Assert.Equal((byte)MqttReasonCode.KeepAliveTimeout, (await peer.ReadPacketAsync("DISCONNECT"))[2]);
        Assert.True(await peer.IsClosedAsync());
    }

    [Fact]
    public async Task A_connection_without_CONNECT_in_time_is_closed()
    {
        var time = new FakeTimeProvider();
        await using var host = await BrokerHost.StartAsync(time: time);
        using var peer = await host.OpenRawAsync();
        await peer.SendAsync(0x10);
        await Eventually.True(() => host.Broker.OpenSockets == 1, "the connection at the broker");
        time.Advance(TimeSpan.FromSeconds(12));
        Assert.True(await peer.IsClosedAsync());
        Assert.Equal(1, host.Metrics.Refused(MqttReasonCode.MaximumConnectTime));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task MQTT_3_1_2_8_The_will_is_published_on_an_abnormal_end_and_not_after_DISCONNECT(bool abnormal, bool expected)
    {
        await using var host = await BrokerHost.StartAsync();
        await using var watcher = await host.ConnectAsync("watcher");
        var got = Channel.CreateUnbounded<MqttMessage>();
        await watcher.SubscribeAsync("#", MqttQoS.AtLeastOnce, (m, stop) => got.Writer.WriteAsync(m, stop));
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V311, p => p with { Will = new("gone/c", "bye"u8.ToArray(), MqttQoS.AtLeastOnce, false) });
        if (abnormal) peer.Reset();
        else await peer.SendAsync(0xE0, 0);
        await Eventually.True(() => host.Metrics.ConnectionsOpen == 1, "the connection to end");
        host.Broker.Publish("after", "x"u8);
        Assert.Equal(expected ? "gone/c" : "after", (await got.Reader.ReadAsync().AsTask().Within("the will, or the message after it")).Topic);
    }

    [Fact]
    public async Task MQTT_3_1_3_9_A_will_with_a_delay_waits_for_it()
    {
        var time = new FakeTimeProvider();
        await using var host = await BrokerHost.StartAsync(time: time);
        await using var watcher = await host.ConnectAsync("watcher");
        var got = Channel.CreateUnbounded<MqttMessage>();
        await watcher.SubscribeAsync("#", MqttQoS.AtLeastOnce, (m, stop) => got.Writer.WriteAsync(m, stop));
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V500, p => p with
        {
            Will = new("gone", [], MqttQoS.AtMostOnce, false) { Properties = new() { WillDelayInterval = 20 } },
            Properties = new() { SessionExpiryInterval = 60 },
        });
        peer.Reset();
        await Eventually.True(() => host.Metrics.ConnectionsOpen == 1, "the connection to end");
        time.Advance(TimeSpan.FromSeconds(15));
        host.Broker.Publish("before", "x"u8);
        Assert.Equal("before", (await got.Reader.ReadAsync().AsTask().Within("the message before the will")).Topic);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("gone", (await got.Reader.ReadAsync().AsTask().Within("the will")).Topic);
    }

    [Fact]
    public async Task A_subscriber_that_does_not_read_loses_QoS_0_and_is_disconnected_for_QoS_1()
    {
        await using var host = await BrokerHost.StartAsync(limits: l =>
        {
            l.MaxQueuedMessages = 300;
            l.MaxOutboundInFlight = 10;
        });
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("slow", MqttProtocolVersion.V500);
        await peer.SendAsync(w => new SubscribePacket(1, [new("t", MqttQoS.AtLeastOnce)]).Write(w, MqttProtocolVersion.V500));
        await peer.ReadPacketAsync("SUBACK");
        var payload = new byte[10_000];
        await Eventually.True(
            () =>
            {
                host.Broker.Publish("t", payload);
                return host.Metrics.Drops(MqttDropReason.SlowSubscriber) > 0;
            },
            "a QoS 0 message to be dropped");
        Assert.Equal(1, host.Metrics.ConnectionsOpen);
        host.Broker.Publish("t", payload, MqttQoS.AtLeastOnce);
        await Eventually.True(() => host.Metrics.ConnectionsOpen == 0, "the slow subscriber to be disconnected");
        Assert.True(host.Metrics.Drops(MqttDropReason.QueueFull) >= 1);
    }

    [Fact]
    public async Task A_server_that_stops_says_0x8B()
    {
        var host = await BrokerHost.StartAsync();
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V500);
        var stop = host.DisposeAsync();
        Assert.Equal((byte)MqttReasonCode.ServerShuttingDown, (await peer.ReadPacketAsync("DISCONNECT"))[2]);
        await stop.AsTask().Within("the host to stop");
    }

    [Fact]
    public async Task MQTT_3_2_2_16_An_empty_client_identifier_gets_one_assigned()
    {
        await using var host = await BrokerHost.StartAsync();
        await using var client = await host.ConnectAsync();
        Assert.StartsWith("auto-", client.ClientId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_authorizer_refuses_connections_topics_and_filters()
    {
        await using var host = await BrokerHost.StartAsync(new ScriptedHandler { Durable = false }, new OnlyAlice());
        var refused = await Assert.ThrowsAsync<MqttConnectException>(() => host.ConnectAsync(host.Options("x") with { UserName = "bob" }));
        Assert.Equal(MqttReasonCode.BadUserNameOrPassword, refused.ReasonCode);
        Assert.Contains($"127.0.0.1:{host.Port}", refused.Message, StringComparison.Ordinal);
        await using var alice = await host.ConnectAsync(host.Options("x") with { UserName = "alice", Password = "s" });
        Assert.Equal(MqttReasonCode.NotAuthorized, await alice.PublishAsync("other/t", default, MqttQoS.AtLeastOnce));
        Assert.Equal(MqttReasonCode.Success, await alice.PublishAsync("alice/t", default, MqttQoS.AtLeastOnce));
        await Assert.ThrowsAsync<MqttProtocolException>(() => alice.SubscribeAsync("#", MqttQoS.AtMostOnce, (_, _) => default));
        Assert.Equal(1, host.Metrics.Drops(MqttDropReason.NotAuthorized));
    }

    [Fact]
    public async Task Beyond_the_connection_limit_a_client_is_told_that_the_server_is_busy()
    {
        await using var host = await BrokerHost.StartAsync(limits: l => l.MaxConnections = 2);
        await using var a = await host.ConnectAsync("a");
        await using var b = await host.ConnectAsync("b");
        var refused = await Assert.ThrowsAsync<MqttConnectException>(() => host.ConnectAsync("c"));
        Assert.Equal(MqttReasonCode.ServerBusy, refused.ReasonCode);
    }

    private sealed class OnlyAlice : IMqttAuthorizer
    {
        public ValueTask<MqttReasonCode> AuthorizeConnectAsync(MqttConnectRequest request, CancellationToken cancellationToken) =>
            new(request.UserName == "alice" ? MqttReasonCode.Success : MqttReasonCode.BadUserNameOrPassword);

        public bool CanPublish(MqttConnectionInfo connection, ReadOnlySpan<byte> topic) => topic.StartsWith("alice/"u8);

        public bool CanSubscribe(MqttConnectionInfo connection, string filter) => filter.StartsWith("alice/", StringComparison.Ordinal);
    }
}
