using System.Net;

namespace SmartCity.Mqtt.Tests;

/// <summary>Limits that protect everybody from one: per address, per client, in total.</summary>
public sealed class LimitTests
{
    private const MqttProtocolVersion V5 = MqttProtocolVersion.V500;

    [Theory]
    [InlineData(MqttProtocolVersion.V311, 3)]
    [InlineData(MqttProtocolVersion.V500, (byte)MqttReasonCode.QuotaExceeded)]
    public async Task An_address_has_only_so_many_connections_and_gets_a_place_back(MqttProtocolVersion version, byte expected)
    {
        await using var host = await BrokerHost.StartAsync(limits: l => l.MaxConnectionsPerAddress = 2);
        using var one = await host.OpenRawAsync();
        await one.ConnectAsync("one", version);
        var two = await host.OpenRawAsync();
        await two.ConnectAsync("two", version);
        using (var three = await host.OpenRawAsync())
        {
            Assert.Equal(expected, (await three.ConnectAsync("three", version))[3]);
            Assert.True(await three.IsClosedAsync());
        }

        Assert.Equal(1, host.Metrics.Refused(MqttReasonCode.QuotaExceeded));
        two.Reset();
        await Eventually.True(() => host.Broker.OpenSockets == 1, "the second connection to end");
        using var four = await host.OpenRawAsync();
        Assert.Equal(0, (await four.ConnectAsync("four", version))[3]);
    }

    [Fact]
    public async Task An_address_that_opens_and_says_nothing_cannot_take_all_places_of_those_that_connect()
    {
        await using var host = await BrokerHost.StartAsync(limits: l => l.MaxPendingConnectionsPerAddress = 3);
        var silent = new List<RawConnection>();
        for (var i = 0; i < 3; i++) silent.Add(await host.OpenRawAsync());
        await Eventually.True(() => host.Broker.OpenSockets == 3, "three silent connections");
        Assert.True(await host.RefusesAsync());
        Assert.Equal(1, host.Metrics.Refused(MqttReasonCode.ConnectionRateExceeded));

        // One that finishes its CONNECT makes room.
        await silent[0].ConnectAsync("talks", V5);
        using var next = await host.OpenRawAsync();
        Assert.Equal(0, (await next.ConnectAsync("next", V5))[3]);
        foreach (var peer in silent) peer.Dispose();
    }

    [Fact]
    public void An_IPv6_address_counts_with_its_64_bit_prefix_and_a_mapped_IPv4_address_as_itself()
    {
        static UInt128 Key(string address) => PeerAddress.KeyOf(IPAddress.Parse(address));
        Assert.Equal(Key("2001:db8:1:2::1"), Key("2001:db8:1:2:ffff::9"));
        Assert.NotEqual(Key("2001:db8:1:2::1"), Key("2001:db8:1:3::1"));
        Assert.Equal(Key("10.0.0.1"), Key("::ffff:10.0.0.1"));
        Assert.NotEqual(Key("10.0.0.1"), Key("10.0.0.2"));
    }

    [Fact]
    public async Task A_client_that_publishes_too_fast_is_read_at_its_rate_and_loses_nothing()
    {
        var time = new FakeTimeProvider();
        var handler = new ScriptedHandler { Durable = false };
        await using var host = await BrokerHost.StartAsync(handler, limits: l => l.MaxMessageRate = 10, time: time);
        using var fast = await host.OpenRawAsync();
        await fast.ConnectAsync("fast", V5);
        for (var i = 0; i < 25; i++) await fast.PublishAsync(V5, "t", $"{i}");
        await Eventually.True(() => host.Metrics.ReadsThrottled == 1, "the connection to be held back");
        Assert.Equal(10, handler.Accepted.Count);
        using var other = await host.OpenRawAsync();
        await other.ConnectAsync("other", V5);
        await other.PublishAsync(V5, "t", "mine", MqttQoS.AtLeastOnce, 1);
        await other.ReadPacketAsync("PUBACK: another client is not held back");
        for (var i = 0; i < 5 && handler.Accepted.Count < 26; i++)
        {
            var before = handler.Accepted.Count;
            time.Advance(TimeSpan.FromSeconds(1));
            await Eventually.True(() => handler.Accepted.Count > before, "the next messages");
            Assert.InRange(handler.Accepted.Count - before, 1, 10);
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"{i}"), handler.Accepted.Where(a => a.Payload != "mine").Select(a => a.Payload));
    }

    [Fact]
    public async Task Bytes_that_wait_in_all_sessions_together_are_bounded()
    {
        await using var host = await BrokerHost.StartAsync(limits: l =>
        {
            l.MaxPacketSize = 1000;
            l.MaxQueuedBytes = 1000;
            l.MaxQueuedBytesTotal = 1500;
        });
        for (var i = 0; i < 3; i++)
        {
            using var away = await host.OpenRawAsync();
            await away.ConnectAsync($"away{i}", V5, p => p with { Properties = new() { SessionExpiryInterval = 600 } });
            await away.SubscribeAsync(V5, new MqttSubscription("t", MqttQoS.AtLeastOnce));
            away.Reset();
        }

        await Eventually.True(() => host.Metrics.ConnectionsOpen == 0, "all to go away");
        host.Broker.Publish("t", new byte[600], MqttQoS.AtLeastOnce);
        Assert.Equal(1, host.Metrics.Drops(MqttDropReason.QueueFull));
        Assert.Equal(2 * 601, host.Broker.Budget.Bytes);
        using var back = await host.OpenRawAsync();
        await back.ConnectAsync("away0", V5); // a clean start gives its bytes back
        Assert.InRange(host.Broker.Budget.Bytes, 0, 601);
    }

    [Fact]
    public async Task A_will_that_is_too_large_is_refused_with_0x95()
    {
        await using var host = await BrokerHost.StartAsync(limits: l => l.MaxWillSize = 10);
        using var peer = await host.OpenRawAsync();
        Assert.Equal((byte)MqttReasonCode.PacketTooLarge, (await peer.ConnectAsync("c", V5, p => p with { Will = new("w", new byte[11], MqttQoS.AtMostOnce, false) }))[3]);
    }

    /// <summary>What stays in memory as long as the connection must not be had around the limit.</summary>
    [Fact]
    public async Task A_will_is_measured_with_its_properties()
    {
        await using var host = await BrokerHost.StartAsync(limits: l => l.MaxWillSize = 100);
        var will = new MqttWill("w", [1], MqttQoS.AtMostOnce, false) { Properties = new() { UserProperties = [new("k", new('v', 90))] } };
        using var small = await host.OpenRawAsync();
        Assert.Equal(0, (await small.ConnectAsync("small", V5, p => p with { Will = will }))[3]);
        using var large = await host.OpenRawAsync();
        will.Properties.UserProperties.Add(new("k", "v"));
        Assert.Equal((byte)MqttReasonCode.PacketTooLarge, (await large.ConnectAsync("large", V5, p => p with { Will = will }))[3]);
    }

    [Fact]
    public async Task Subscriptions_of_all_sessions_together_are_bounded()
    {
        await using var host = await BrokerHost.StartAsync(limits: l => l.MaxSubscriptions = 2);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", V5);
        Assert.Equal(
            [MqttReasonCode.Success, MqttReasonCode.Success, MqttReasonCode.QuotaExceeded],
            await peer.SubscribeAsync(V5, new("a", MqttQoS.AtMostOnce), new("b", MqttQoS.AtMostOnce), new("c", MqttQoS.AtMostOnce)));
    }

    [Fact]
    public async Task Publishers_wait_for_a_subscriber_that_keeps_reading_so_that_its_queue_does_not_overflow()
    {
        await using var host = await BrokerHost.StartAsync(limits: l =>
        {
            l.MaxQueuedMessages = 300;
            l.SlowSubscriberWait = TimeSpan.FromSeconds(20);
        });
        var got = 0;
        await using var subscriber = await host.ConnectAsync("s");
        await subscriber.SubscribeAsync("t", MqttQoS.AtLeastOnce, (_, _) =>
        {
            Interlocked.Increment(ref got);
            return default;
        });
        await using var publisher = await host.ConnectAsync("p");
        for (var i = 0; i < 20_000; i++) await publisher.SendAsync("t"u8.ToArray(), "x"u8.ToArray(), MqttQoS.AtLeastOnce);
        await publisher.DrainAsync();
        await Eventually.True(() => Volatile.Read(ref got) == 20_000, "every message");
        Assert.Equal(0, host.Metrics.DropsTotal);
        Assert.True(subscriber.IsConnected);
    }

    [Fact]
    public async Task A_subscriber_that_never_reads_is_not_waited_for_longer_than_its_wait_and_is_disconnected()
    {
        await using var host = await BrokerHost.StartAsync(limits: l =>
        {
            l.MaxQueuedMessages = 300;
            l.SlowSubscriberWait = TimeSpan.FromMilliseconds(50);
        });
        using var stuck = await host.OpenRawAsync();
        await stuck.ConnectAsync("stuck", V5);
        await stuck.SubscribeAsync(V5, new MqttSubscription("t", MqttQoS.AtLeastOnce));
        await using var publisher = await host.ConnectAsync("p");
        for (var i = 0; i < 2000; i++) await publisher.SendAsync("t"u8.ToArray(), "x"u8.ToArray(), MqttQoS.AtLeastOnce);
        await publisher.DrainAsync().Within("every acknowledgement, although one subscriber reads nothing");
        await Eventually.True(() => host.Metrics.ConnectionsOpen == 1, "the subscriber to be disconnected");
        Assert.True(host.Metrics.Drops(MqttDropReason.QueueFull) >= 1);
    }
}
