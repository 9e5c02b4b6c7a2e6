using Microsoft.Extensions.Logging;

namespace SmartCity.Mqtt.Tests;

/// <summary>Each kind of bad input over a real socket: the reason code, a count, a log line without secrets, and a bystander who goes on.</summary>
public sealed class BadInputTests
{
    private const MqttProtocolVersion V311 = MqttProtocolVersion.V311, V5 = MqttProtocolVersion.V500;

    /// <summary>What it is, the bytes after CONNECT in hex for each version, the reason.</summary>
    public static TheoryData<string, string, string, MqttReasonCode> AfterConnect => new()
    {
        { "a remaining length of five bytes", "30 FF FF FF FF 01", "30 FF FF FF FF 01", MqttReasonCode.MalformedPacket },
        { "a remaining length of 256 MiB", "30 FF FF FF 7F", "30 FF FF FF 7F", MqttReasonCode.PacketTooLarge },
        { "a remaining length that cuts the topic", "30 02 00 05 61 62", "30 02 00 05 61 62", MqttReasonCode.MalformedPacket },
        { "a remaining length that goes on after the end", "C0 02 00 00", "C0 02 00 00", MqttReasonCode.MalformedPacket },
        { "a property length beyond the packet", "82 03 00 01 61", "30 05 00 01 61 7F 00", MqttReasonCode.MalformedPacket },
        { "a second CONNECT", "10 0C 00 04 4D 51 54 54 04 02 00 00 00 00", "10 0D 00 04 4D 51 54 54 05 02 00 00 00 00 00", MqttReasonCode.ProtocolError },
        { "UTF-8 that is none in a topic", "30 04 00 02 C3 28", "30 05 00 02 C3 28 00", MqttReasonCode.MalformedPacket },
        { "U+0000 in a topic", "30 04 00 02 61 00", "30 05 00 02 61 00 00", MqttReasonCode.MalformedPacket },
        { "a wildcard in PUBLISH", "30 05 00 03 61 2F 23", "30 06 00 03 61 2F 23 00", MqttReasonCode.TopicNameInvalid },
        { "packet identifier 0", "32 05 00 01 61 00 00", "32 06 00 01 61 00 00 00", MqttReasonCode.ProtocolError },
        { "packet type 0", "00 00", "00 00", MqttReasonCode.MalformedPacket },
        { "a packet that only servers send", "D0 00", "D0 00", MqttReasonCode.ProtocolError },
    };

    [Theory]
    [MemberData(nameof(AfterConnect))]
    public async Task Ends_its_connection_with_a_reason_a_count_and_a_log_line(string what, string hex311, string hex5, MqttReasonCode reason)
    {
        await using var host = await BrokerHost.StartAsync();
        using var bystander = await BystanderAsync(host);
        foreach (var version in new[] { V311, V5 })
        {
            var before = host.Metrics.Violations(reason);
            using var peer = await host.OpenRawAsync();
            await peer.ConnectAsync("offender", version, c => c with { UserName = "user", Password = "hunter2"u8.ToArray() });
            await peer.SendAsync(Convert.FromHexString((version == V5 ? hex5 : hex311).Replace(" ", "", StringComparison.Ordinal)));
            if (version == V5)
            {
                var bytes = await peer.ReadPacketAsync($"DISCONNECT after {what}");
                Assert.Equal((0xE0, reason), (bytes[0], (MqttReasonCode)bytes[2]));
            }

            Assert.True(await peer.IsClosedAsync());
            Assert.Equal(before + 1, host.Metrics.Violations(reason));
            await IsServedAsync(bystander);
        }

        Assert.Equal(2, host.Log.Lines.Count(l => l.Level == LogLevel.Warning && l.Text.Contains("offender", StringComparison.Ordinal) && l.Text.Contains("broke the protocol", StringComparison.Ordinal)));
        NothingSecretOrFailed(host);
    }

    [Theory]
    [InlineData(V311)]
    [InlineData(V5)]
    public async Task Half_a_packet_before_the_end_of_the_connection_is_nothing(MqttProtocolVersion version)
    {
        await using var host = await BrokerHost.StartAsync();
        using var bystander = await BystanderAsync(host);
        byte[] publish = version == V5 ? [0x30, 7, 0, 1, (byte)'b', 0, 1, 2, 3] : [0x30, 6, 0, 1, (byte)'b', 1, 2, 3];
        for (var length = 1; length < publish.Length; length++)
        {
            var peer = await host.OpenRawAsync();
            await peer.ConnectAsync("half", version);
            await peer.SendAsync(publish[..length]);
            peer.Dispose();
            await Eventually.True(() => host.Broker.OpenSockets == 1, "the half packet's connection to end");
        }

        Assert.Equal(1, host.Broker.SessionCount);
        await IsServedAsync(bystander);
        NothingSecretOrFailed(host);
        Assert.DoesNotContain(host.Log.Lines, l => l.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task A_CONNECT_that_comes_byte_by_byte_is_given_its_time_and_no_more()
    {
        var time = new FakeTimeProvider();
        await using var host = await BrokerHost.StartAsync(time: time);
        using var bystander = await BystanderAsync(host);
        using var peer = await host.OpenRawAsync();
        await Eventually.True(() => host.Broker.OpenSockets == 2, "the connection at the broker");
        byte[] connect = [0x10, 0x40, 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 5, 2, 0, 0];
        foreach (var b in connect[..8])
        {
            await peer.SendAsync(b);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, host.Broker.OpenSockets);
        await Eventually.True(() => { time.Advance(TimeSpan.FromSeconds(1)); return host.Broker.OpenSockets == 1; }, "the connection to be closed");
        Assert.True(await peer.IsClosedAsync());
        Assert.Equal(1, host.Metrics.Refused(MqttReasonCode.MaximumConnectTime));
        Assert.Contains(host.Log.Lines, l => l.Level == LogLevel.Warning && l.Text.Contains("MaximumConnectTime", StringComparison.Ordinal));
        await IsServedAsync(bystander);
    }

    [Theory]
    [InlineData("30 03 00 01 61")]
    [InlineData("C0 00")]
    [InlineData("47 45 54 20 2F 20 48 54 54 50")]
    public async Task Anything_before_CONNECT_ends_the_connection_with_a_count_and_a_log_line(string hex)
    {
        await using var host = await BrokerHost.StartAsync();
        using var bystander = await BystanderAsync(host);
        using var peer = await host.OpenRawAsync();
        await peer.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.True(await peer.IsClosedAsync());
        Assert.Equal(1, host.Metrics.Violations(MqttReasonCode.ProtocolError));
        Assert.Contains(host.Log.Lines, l => l.Level == LogLevel.Warning && l.Text.Contains("The first packet is not CONNECT", StringComparison.Ordinal));
        await IsServedAsync(bystander);
        NothingSecretOrFailed(host);
    }

    [Fact]
    public async Task A_subscriber_that_never_reads_is_disconnected_with_a_count_and_a_log_line_and_holds_nobody_up()
    {
        await using var host = await BrokerHost.StartAsync(limits: l => (l.MaxQueuedMessages, l.MaxOutboundInFlight) = (200, 10));
        using var bystander = await BystanderAsync(host);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("deaf", V5);
        await peer.SubscribeAsync(V5, new MqttSubscription("flood", MqttQoS.AtLeastOnce));
        using var publisher = await host.OpenRawAsync();
        await publisher.ConnectAsync("publisher", V5);
        for (ushort id = 1; id <= 300; id++)
        {
            await publisher.PublishAsync(V5, "flood", "x", MqttQoS.AtLeastOnce, id);
            Assert.Equal(0x40, (await publisher.ReadPacketAsync("PUBACK of the publisher"))[0]);
        }

        await Eventually.True(() => host.Metrics.ConnectionsOpen == 2, "the subscriber to be disconnected");
        Assert.True(host.Metrics.Drops(MqttDropReason.QueueFull) >= 1);
        Assert.Contains(host.Log.Lines, l => l.Text.Contains("deaf", StringComparison.Ordinal) && l.Text.Contains("MaxQueuedMessages", StringComparison.Ordinal));
        await IsServedAsync(bystander);
        NothingSecretOrFailed(host);
    }

    [Theory]
    [InlineData(V311)]
    [InlineData(V5)]
    public async Task A_publisher_that_never_waits_is_held_or_told_0x93_and_holds_nobody_up(MqttProtocolVersion version)
    {
        var handler = new ScriptedHandler();
        await using var host = await BrokerHost.StartAsync(handler, limits: l => l.ReceiveMaximum = 8);
        using var bystander = await BystanderAsync(host);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("hasty", version);
        // In one piece: the server may end the connection before the last of fifty single writes.
        await peer.SendAsync(w =>
        {
            for (ushort id = 1; id <= 50; id++) PublishPacket.Write(w, version, "a"u8, default, "x"u8, MqttQoS.AtLeastOnce, false, false, id);
        });
        if (version == V5)
        {
            var bytes = await peer.ReadPacketAsync("DISCONNECT");
            Assert.Equal((0xE0, MqttReasonCode.ReceiveMaximumExceeded), (bytes[0], (MqttReasonCode)bytes[2]));
            Assert.Equal(1, host.Metrics.Violations(MqttReasonCode.ReceiveMaximumExceeded));
            Assert.Contains(host.Log.Lines, l => l.Level == LogLevel.Warning && l.Text.Contains("hasty", StringComparison.Ordinal));
        }
        else
        {
            // Its bytes wait in TCP: 8 are taken until the disk has some, and nothing is lost.
            await Eventually.True(() => host.Metrics.ReadPauses > 0, "reading to stop");
            Assert.Equal(8, handler.Accepted.Count);
            handler.Sync(long.MaxValue);
            for (ushort id = 1; id <= 50; id++) Assert.Equal([0x40, 2, 0, (byte)id], await peer.ReadPacketAsync($"PUBACK {id}"));
        }

        await IsServedAsync(bystander);
        NothingSecretOrFailed(host);
    }

    private static async Task<RawConnection> BystanderAsync(BrokerHost host)
    {
        var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("bystander", V5);
        await peer.SubscribeAsync(V5, new MqttSubscription("mine", MqttQoS.AtMostOnce));
        return peer;
    }

    private static async Task IsServedAsync(RawConnection bystander)
    {
        await bystander.PublishAsync(V5, "mine", "x");
        Assert.Equal("mine", (await bystander.ReadPublishAsync(V5, "the bystander's own message")).Topic);
    }

    private static void NothingSecretOrFailed(BrokerHost host) =>
        Assert.DoesNotContain(host.Log.Lines, l => l.Level >= LogLevel.Error || l.Text.Contains("hunter2", StringComparison.Ordinal));
}
