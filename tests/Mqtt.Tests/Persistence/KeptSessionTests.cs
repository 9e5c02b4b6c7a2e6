using System.Text;
using SmartCity.Tests;

namespace SmartCity.Mqtt.Tests;

/// <summary>
/// Sessions and retained messages over a restart and a kill. A kill is a copy of the folder at that moment: what the process had in memory is not in it.
/// </summary>
public sealed class KeptSessionTests : IDisposable
{
    private const MqttProtocolVersion V5 = MqttProtocolVersion.V500;
    private readonly TempFolder _folder = new();
    private int _copies;

    public static TheoryData<MqttProtocolVersion> Versions => [MqttProtocolVersion.V311, MqttProtocolVersion.V500];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Subscriptions_and_waiting_messages_survive_a_kill(MqttProtocolVersion version)
    {
        await using var host = await StartAsync("a");
        using (var away = await ConnectAsync(host, "keep", version))
        {
            await away.SubscribeAsync(version, new("t/#", MqttQoS.AtLeastOnce), new("gone", MqttQoS.AtLeastOnce));
            await away.SendAsync(w => new UnsubscribePacket(2, ["gone"]).Write(w, version));
            await away.ReadPacketAsync("UNSUBACK");
        }

        await Eventually.True(() => host.Metrics.ConnectionsOpen == 0, "the subscriber to go away");
        using var publisher = await ConnectAsync(host, "p", version);
        for (ushort i = 1; i <= 5; i++) await publisher.PublishAsync(version, "t/1", $"{i}", MqttQoS.AtLeastOnce, i);
        for (var i = 0; i < 5; i++) await publisher.ReadPacketAsync("PUBACK");

        await using var next = await StartAsync(Kill("a"));
        using var back = await next.OpenRawAsync();
        Assert.Equal(1, (await back.ConnectAsync("keep", version, p => Keep(p, version)))[2]);
        for (var i = 1; i <= 5; i++)
        {
            var got = await back.ReadPublishAsync(version, "a waiting message");
            Assert.Equal(("t/1", $"{i}", false), (got.Topic, got.Payload, got.Duplicate));
        }

        next.Broker.Publish("gone", "x"u8, MqttQoS.AtLeastOnce);
        next.Broker.Publish("t/2", "new"u8, MqttQoS.AtLeastOnce);
        Assert.Equal("new", (await back.ReadPublishAsync(version, "a message for the subscription that is left")).Payload);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task MQTT_4_4_0_1_What_was_in_flight_is_resent_with_DUP_and_its_identifier(MqttProtocolVersion version)
    {
        await using var host = await StartAsync("a");
        using var peer = await ConnectAsync(host, "keep", version);
        await peer.SubscribeAsync(version, new MqttSubscription("t", MqttQoS.ExactlyOnce));
        host.Broker.Publish("t", "acknowledged"u8, MqttQoS.AtLeastOnce);
        host.Broker.Publish("t", "one"u8, MqttQoS.AtLeastOnce);
        host.Broker.Publish("t", "two"u8, MqttQoS.ExactlyOnce);
        host.Broker.Publish("t", "received"u8, MqttQoS.ExactlyOnce);
        var got = new List<ReceivedPublish>();
        for (var i = 0; i < 4; i++) got.Add(await peer.ReadPublishAsync(version, "a message"));
        await peer.SendAsync(w => new PubAckPacket(got[0].PacketId).Write(w, version));
        await peer.SendAsync(w => new PubRecPacket(got[3].PacketId).Write(w, version));
        Assert.Equal(0x62, (await peer.ReadPacketAsync("PUBREL"))[0]);
        await Eventually.True(() => host.Broker.Journal!.Durable == host.Broker.Journal.Appended, "everything to be on disk");

        await using var next = await StartAsync(Kill("a"));
        using var back = await next.OpenRawAsync();
        Assert.Equal(1, (await back.ConnectAsync("keep", version, p => Keep(p, version)))[2]);
        foreach (var expected in got[1..3])
        {
            Assert.Equal(expected with { Duplicate = true }, await back.ReadPublishAsync(version, "a message again"));
        }

        var release = await back.ReadPacketAsync("PUBREL again");
        Assert.Equal((0x62, got[3].PacketId), (release[0], (ushort)(release[2] << 8 | release[3])));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task MQTT_4_3_3_10_A_QoS_2_message_that_was_taken_before_the_kill_is_not_taken_again(MqttProtocolVersion version)
    {
        await using var host = await StartAsync("a");
        using var peer = await ConnectAsync(host, "keep", version);
        await peer.PublishAsync(version, "t", "once", MqttQoS.ExactlyOnce, 7);
        await peer.ReadPacketAsync("PUBREC");
        await peer.PublishAsync(version, "t", "released", MqttQoS.ExactlyOnce, 8);
        await peer.ReadPacketAsync("PUBREC");
        await peer.SendAsync(w => new PubRelPacket(8).Write(w, version));
        await peer.ReadPacketAsync("PUBCOMP");

        var handler = new ScriptedHandler { Durable = false };
        await using var next = await StartAsync(Kill("a"), handler);
        using var back = await next.OpenRawAsync();
        await back.ConnectAsync("keep", version, p => Keep(p, version));
        await back.SendAsync(w => PublishPacket.Write(w, version, "t"u8, default, "once"u8, MqttQoS.ExactlyOnce, false, true, 7));
        Assert.Equal(0x50, (await back.ReadPacketAsync("PUBREC again"))[0]);
        await back.PublishAsync(version, "t", "a new message with a free identifier", MqttQoS.ExactlyOnce, 8);
        await back.ReadPacketAsync("PUBREC");
        Assert.Equal(["a new message with a free identifier"], handler.Accepted.Select(a => a.Payload));
    }

    [Fact]
    public async Task What_the_application_lost_in_the_kill_is_forgotten_here_too_since_its_publisher_sends_it_again()
    {
        var handler = new ScriptedHandler { TellsDurableTicket = true };
        await using var host = await StartAsync("a", handler);
        using (var away = await ConnectAsync(host, "keep", V5)) await away.SubscribeAsync(V5, new MqttSubscription("t", MqttQoS.ExactlyOnce));
        await Eventually.True(() => host.Metrics.ConnectionsOpen == 0, "the subscriber to go away");
        using var publisher = await ConnectAsync(host, "p", V5);
        await publisher.PublishAsync(V5, "t", "held by both", MqttQoS.ExactlyOnce, 1);
        await publisher.PublishAsync(V5, "t", "held here alone", MqttQoS.ExactlyOnce, 2);
        await Eventually.True(() => handler.Accepted.Count == 2 && host.Broker.Journal!.Durable == host.Broker.Journal.Appended, "both to be on this disk");
        Assert.False(publisher.HasData, "A message was acknowledged before the application held it.");

        var after = new ScriptedHandler { TellsDurableTicket = true };
        after.Sync(1);
        await using var next = await StartAsync(Kill("a"), after);
        using var back = await next.OpenRawAsync();
        await back.ConnectAsync("keep", V5, p => Keep(p, V5));
        Assert.Equal("held by both", (await back.ReadPublishAsync(V5, "the message that both held")).Payload);
        using var again = await next.OpenRawAsync();
        await again.ConnectAsync("p", V5, p => Keep(p, V5));
        await again.PublishAsync(V5, "t", "held by both", MqttQoS.ExactlyOnce, 1);
        await again.PublishAsync(V5, "t", "held here alone", MqttQoS.ExactlyOnce, 2);
        Assert.Equal("held here alone", (await back.ReadPublishAsync(V5, "the message sent again, once")).Payload);
        Assert.Equal(["held here alone"], after.Accepted.Select(a => a.Payload));
    }

    [Fact]
    public async Task Retained_messages_survive_and_so_does_their_removal()
    {
        await using var host = await StartAsync("a");
        using var peer = await ConnectAsync(host, "p", V5);
        foreach (var (topic, payload) in new[] { ("a", "old"), ("a", "new"), ("b", "x"), ("b", "") })
        {
            await peer.PublishAsync(V5, topic, payload, MqttQoS.AtLeastOnce, 1, retain: true);
            await peer.ReadPacketAsync("PUBACK");
        }

        await using var next = await StartAsync(Kill("a"));
        using var later = await next.OpenRawAsync();
        await later.ConnectAsync("later", V5);
        await later.SubscribeAsync(V5, new MqttSubscription("#", MqttQoS.AtLeastOnce));
        var got = await later.ReadPublishAsync(V5, "the retained message");
        Assert.Equal(("a", "new", true), (got.Topic, got.Payload, got.Retain));
        Assert.Equal(1, next.Broker.RetainedCount);
    }

    [Fact]
    public async Task MQTT_3_1_2_11_2_The_time_without_a_server_counts_towards_the_expiry()
    {
        var time = new FakeTimeProvider();
        await using var host = await StartAsync("a", time: time);
        foreach (var (clientId, seconds) in new[] { ("short", 60u), ("long", 600u) })
        {
            using var peer = await host.OpenRawAsync();
            await peer.ConnectAsync(clientId, V5, p => p with { CleanStart = false, Properties = new() { SessionExpiryInterval = seconds } });
            await peer.SendAsync(0xE0, 0);
            Assert.True(await peer.IsClosedAsync());
        }

        await Eventually.True(() => host.Metrics.ConnectionsOpen == 0 && host.Broker.Journal!.Durable == host.Broker.Journal.Appended, "both to be gone, and that on disk");
        var copy = Kill("a");
        time.Advance(TimeSpan.FromSeconds(120));
        await using var next = await StartAsync(copy, time: time);
        Assert.Equal(1, next.Broker.SessionCount);
        using var back = await next.OpenRawAsync();
        Assert.Equal(1, (await back.ConnectAsync("long", V5, p => Keep(p, V5)))[2]);
    }

    [Fact]
    public async Task MQTT_3_1_2_8_The_will_of_a_client_that_the_kill_cut_off_is_published_after_its_delay()
    {
        var time = new FakeTimeProvider();
        await using var host = await StartAsync("a", time: time);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("keep", V5, p => Keep(p, V5) with { Will = new("w", "gone"u8.ToArray(), MqttQoS.AtLeastOnce, false) { Properties = new() { WillDelayInterval = 5 } } });
        using (var quiet = await host.OpenRawAsync())
        {
            await quiet.ConnectAsync("quiet", V5, p => Keep(p, V5) with { Will = new("w", "never"u8.ToArray(), MqttQoS.AtLeastOnce, false) });
            await quiet.SendAsync(0xE0, 0);
            Assert.True(await quiet.IsClosedAsync());
        }

        await Eventually.True(() => host.Metrics.ConnectionsOpen == 1 && host.Broker.Journal!.Durable == host.Broker.Journal.Appended, "one to be gone, and that on disk");
        var handler = new ScriptedHandler { Durable = false };
        await using var next = await StartAsync(Kill("a"), handler, time);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Empty(handler.Accepted);
        time.Advance(TimeSpan.FromSeconds(4));
        await Eventually.True(() => !handler.Accepted.IsEmpty, "the will");
        Assert.Equal(["gone"], handler.Accepted.Select(a => a.Payload));
    }

    [Fact]
    public async Task MQTT_3_1_2_4_A_session_that_a_clean_start_ended_does_not_come_back()
    {
        await using var host = await StartAsync("a");
        using (var old = await ConnectAsync(host, "c", V5)) await old.SubscribeAsync(V5, new MqttSubscription("t", MqttQoS.AtLeastOnce));
        using var clean = await host.OpenRawAsync();
        Assert.Equal(0, (await clean.ConnectAsync("c", V5))[2]);

        await using var next = await StartAsync(Kill("a"));
        using var back = await next.OpenRawAsync();
        Assert.Equal(0, (await back.ConnectAsync("c", V5, p => Keep(p, V5)))[2]);
        Assert.Equal(0, next.Broker.Subscriptions.Count);
    }

    [Fact]
    public async Task A_clean_stop_keeps_sessions_and_a_journal_stated_anew_says_the_same()
    {
        string[] expected = ["0", "1", "2"];
        await using (var host = await StartAsync("a"))
        {
            using (var away = await ConnectAsync(host, "keep", V5)) await away.SubscribeAsync(V5, new MqttSubscription("$share/g/t", MqttQoS.AtLeastOnce));
            await Eventually.True(() => host.Metrics.ConnectionsOpen == 0, "the subscriber to go away");
            foreach (var payload in expected) host.Broker.Publish("t", Encoding.UTF8.GetBytes(payload), MqttQoS.AtLeastOnce);
        }

        for (var restart = 0; restart < 3; restart++)
        {
            await using var host = await StartAsync("a");
            Assert.Equal(1, host.Broker.SessionCount);
        }

        Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "a")));
        await using var last = await StartAsync("a");
        using var back = await last.OpenRawAsync();
        Assert.Equal(1, (await back.ConnectAsync("keep", V5, p => Keep(p, V5)))[2]);
        foreach (var payload in expected) Assert.Equal(payload, (await back.ReadPublishAsync(V5, "a waiting message")).Payload);
    }

    [Fact]
    public async Task Whatever_the_moment_of_the_kill_every_acknowledged_message_waits_for_its_subscriber_once_and_in_order()
    {
        await using var host = await StartAsync("a");
        using (var away = await ConnectAsync(host, "keep", V5)) await away.SubscribeAsync(V5, new MqttSubscription("t", MqttQoS.AtLeastOnce));
        await Eventually.True(() => host.Metrics.ConnectionsOpen == 0, "the subscriber to go away");
        using var publisher = await ConnectAsync(host, "p", V5);
        var acknowledged = 0;
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(async () =>
        {
            for (ushort i = 1; i <= 3000 && !stop.IsCancellationRequested; i++)
            {
                await publisher.PublishAsync(V5, "t", $"{i}", MqttQoS.AtLeastOnce, i);
                await publisher.ReadPacketAsync("PUBACK");
                Volatile.Write(ref acknowledged, i);
            }
        });
        for (var kill = 0; kill < 10; kill++)
        {
            var wanted = Volatile.Read(ref acknowledged) + 20;
            await Eventually.True(() => Volatile.Read(ref acknowledged) >= wanted, "more acknowledgements");
            var least = Volatile.Read(ref acknowledged);
            await using var next = await StartAsync(Kill("a"));
            using var back = await next.OpenRawAsync();
            Assert.Equal(1, (await back.ConnectAsync("keep", V5, p => Keep(p, V5)))[2]);
            for (var i = 1; i <= least; i++)
            {
                var got = await back.ReadPublishAsync(V5, $"message {i} of {least} acknowledged ones");
                Assert.Equal($"{i}", got.Payload);
                await back.SendAsync(w => new PubAckPacket(got.PacketId).Write(w, V5));
            }
        }

        await stop.CancelAsync();
        await publishing;
    }

    [Fact]
    public async Task A_file_that_is_cut_off_anywhere_is_read_up_to_its_last_whole_commit()
    {
        await using (var host = await StartAsync("a"))
        {
            using var peer = await ConnectAsync(host, "p", V5);
            for (ushort i = 1; i <= 4; i++)
            {
                await peer.PublishAsync(V5, $"r/{i}", "x", MqttQoS.AtLeastOnce, i, retain: true);
                await peer.ReadPacketAsync("PUBACK");
            }
        }

        var file = Directory.GetFiles(Path.Combine(_folder.Path, "a")).Single();
        var bytes = await File.ReadAllBytesAsync(file);
        var end = Array.FindLastIndex(bytes, b => b != 0) + 1;
        var last = 0;
        for (var length = 0; length <= end; length++)
        {
            var folder = Path.Combine(_folder.Path, "cut");
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(Path.Combine(folder, Path.GetFileName(file)), bytes[..length]);
            using var journal = new SessionJournal(folder, new(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
            var state = journal.Open();
            Assert.InRange(state.Retained.Count, last, 4);
            last = state.Retained.Count;
            journal.Dispose();
            Directory.Delete(folder, recursive: true);
        }

        Assert.Equal(4, last);
    }

    private static ConnectPacket Keep(ConnectPacket packet, MqttProtocolVersion version) =>
        packet with { CleanStart = false, Properties = version == V5 ? new() { SessionExpiryInterval = 3600 } : null };

    private static async Task<RawConnection> ConnectAsync(BrokerHost host, string clientId, MqttProtocolVersion version)
    {
        var peer = await host.OpenRawAsync();
        Assert.Equal(0, (await peer.ConnectAsync(clientId, version, p => Keep(p, version)))[3]);
        return peer;
    }

    private Task<BrokerHost> StartAsync(string folder, IPublishHandler? handler = null, TimeProvider? time = null) =>
        BrokerHost.StartAsync(handler, time: time, sessions: Path.Combine(_folder.Path, folder));

    /// <summary>The folder as a kill at this moment would leave it.</summary>
    private string Kill(string folder)
    {
        var name = $"copy{++_copies}";
        var target = Directory.CreateDirectory(Path.Combine(_folder.Path, name));
        foreach (var file in Directory.GetFiles(Path.Combine(_folder.Path, folder)))
        {
            using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var to = File.Create(Path.Combine(target.FullName, Path.GetFileName(file)));
            from.CopyTo(to);
        }

        return name;
    }
}
