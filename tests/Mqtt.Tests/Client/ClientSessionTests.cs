using System.Collections.Concurrent;
using System.Text;

namespace SmartCity.Mqtt.Tests;

/// <summary>Messages under way over a lost connection.</summary>
public sealed class ClientSessionTests
{
    private const MqttProtocolVersion V5 = MqttProtocolVersion.V500;

    public static TheoryData<MqttProtocolVersion> Versions => [MqttProtocolVersion.V311, V5];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task MQTT_4_4_0_1_What_is_under_way_is_sent_again_in_order_with_its_identifiers_and_its_awaiters_get_their_answer(MqttProtocolVersion version)
    {
        using var server = new ScriptedServer();
        var (client, first) = await server.ConnectAsync(server.Options(version));
        await using var _ = client;
        var publishes = new List<Task<MqttReasonCode>>();
        MqttQoS[] levels = [MqttQoS.AtLeastOnce, MqttQoS.ExactlyOnce, MqttQoS.ExactlyOnce, MqttQoS.AtLeastOnce];
        var ids = new List<ushort>();
        for (var i = 0; i < levels.Length; i++)
        {
            publishes.Add(client.PublishAsync("t", Encoding.ASCII.GetBytes($"{i}"), levels[i]).AsTask());
            var sent = await first.ReadPublishAsync(version, $"message {i}");
            Assert.False(sent.Duplicate);
            ids.Add(sent.PacketId);
        }

        await first.SendAsync(w => new PubRecPacket(ids[2]).Write(w, version));
        Assert.Equal(0x62, (await first.ReadPacketAsync("PUBREL"))[0]);
        first.Reset();

        using var second = await server.AcceptAsync(version, sessionPresent: true);
        var release = await second.ReadPacketAsync("PUBREL again");
        Assert.Equal((0x62, ids[2]), (release[0], (ushort)((release[2] << 8) | release[3])));
        foreach (var i in (int[])[0, 1, 3])
        {
            var again = await second.ReadPublishAsync(version, $"message {i} again");
            Assert.Equal((ids[i], levels[i], true, $"{i}"), (again.PacketId, again.QoS, again.Duplicate, again.Payload));
        }

        Assert.All(publishes, p => Assert.False(p.IsCompleted));
        await second.SendAsync(w => new PubAckPacket(ids[0]).Write(w, version));
        await second.SendAsync(w => new PubCompPacket(ids[2]).Write(w, version));
        await second.SendAsync(w => new PubRecPacket(ids[1]).Write(w, version));
        await second.ReadPacketAsync("PUBREL");
        await second.SendAsync(w => new PubCompPacket(ids[1]).Write(w, version));
        await second.SendAsync(w => new PubAckPacket(ids[3]).Write(w, version));
        foreach (var publish in publishes) Assert.Equal(MqttReasonCode.Success, await publish.Within("an acknowledgement"));
    }

    [Fact]
    public async Task A_server_without_the_session_gets_the_messages_anew_but_not_those_that_it_had_received()
    {
        using var server = new ScriptedServer();
        var (client, first) = await server.ConnectAsync(server.Options());
        await using var _ = client;
        var received = client.PublishAsync("t", "received"u8.ToArray(), MqttQoS.ExactlyOnce).AsTask();
        var id = (await first.ReadPublishAsync(V5, "the first")).PacketId;
        await first.SendAsync(w => new PubRecPacket(id).Write(w, V5));
        await first.ReadPacketAsync("PUBREL");
        var lost = client.PublishAsync("t", "lost"u8.ToArray(), MqttQoS.AtLeastOnce).AsTask();
        await first.ReadPublishAsync(V5, "the second");
        first.Reset();

        using var second = await server.AcceptAsync(sessionPresent: false);
        var again = await second.ReadPublishAsync(V5, "the second again");
        Assert.Equal(("lost", false), (again.Payload, again.Duplicate));
        Assert.Equal(MqttReasonCode.Success, await received.Within("the answer for what the server had received"));
        await second.SendAsync(w => new PubAckPacket(again.PacketId).Write(w, V5));
        await lost.Within("PUBACK");
    }

    [Fact]
    public async Task A_PUBCOMP_that_was_lost_is_no_failure_when_the_server_has_forgotten_the_identifier_by_then()
    {
        using var server = new ScriptedServer();
        var (client, first) = await server.ConnectAsync(server.Options());
        await using var _ = client;
        var completed = client.PublishAsync("t", "completed"u8.ToArray(), MqttQoS.ExactlyOnce).AsTask();
        var id = (await first.ReadPublishAsync(V5, "the message")).PacketId;
        await first.SendAsync(w => new PubRecPacket(id).Write(w, V5));
        await first.ReadPacketAsync("PUBREL");
        first.Reset();

        using var second = await server.AcceptAsync(sessionPresent: true);
        await second.ReadPacketAsync("PUBREL again");
        await second.SendAsync(w => new PubCompPacket(id, MqttReasonCode.PacketIdentifierNotFound).Write(w, V5));
        Assert.Equal(MqttReasonCode.Success, await completed.Within("PUBCOMP"));

        // On one and the same connection it means that the server has lost the message, and is said.
        var unknown = client.PublishAsync("t", "unknown"u8.ToArray(), MqttQoS.ExactlyOnce).AsTask();
        id = (await second.ReadPublishAsync(V5, "the next message")).PacketId;
        await second.SendAsync(w => new PubRecPacket(id).Write(w, V5));
        await second.ReadPacketAsync("PUBREL");
        await second.SendAsync(w => new PubCompPacket(id, MqttReasonCode.PacketIdentifierNotFound).Write(w, V5));
        Assert.Equal(MqttReasonCode.PacketIdentifierNotFound, await unknown.Within("PUBCOMP"));
    }

    [Fact]
    public async Task MQTT_3_3_4_7_A_server_that_comes_back_with_a_smaller_Receive_Maximum_gets_no_more_at_once()
    {
        using var server = new ScriptedServer();
        var (client, first) = await server.ConnectAsync(server.Options());
        await using var _ = client;
        var publishes = Enumerable.Range(0, 5).Select(i => client.PublishAsync("t", Encoding.ASCII.GetBytes($"{i}"), MqttQoS.AtLeastOnce).AsTask()).ToList();
        for (var i = 0; i < 5; i++) await first.ReadPublishAsync(V5, $"message {i}");
        first.Reset();

        using var second = await server.AcceptAsync(sessionPresent: true, properties: new() { ReceiveMaximum = 2 });
        var late = client.PublishAsync("t", "5"u8.ToArray(), MqttQoS.AtLeastOnce).AsTask();
        var waiting = new Queue<ReceivedPublish>();
        for (var i = 0; i < 6; i++)
        {
            waiting.Enqueue(await second.ReadPublishAsync(V5, $"message {i} again"));
            Assert.Equal($"{i}", waiting.Last().Payload);
            if (waiting.Count < 2) continue;
            Assert.False(second.HasData);
            await second.SendAsync(w => new PubAckPacket(waiting.Dequeue().PacketId).Write(w, V5));
        }

        await second.SendAsync(w => new PubAckPacket(waiting.Dequeue().PacketId).Write(w, V5));
        foreach (var publish in publishes.Append(late)) await publish.Within("PUBACK");
    }

    [Fact]
    public async Task MQTT_4_6_0_1_Messages_that_wait_for_a_place_leave_in_the_order_in_which_they_were_published()
    {
        const int Count = 10_000;
        const int AtOnce = 8;
        using var server = new ScriptedServer();
        var (client, connection) = await server.ConnectAsync(server.Options(), new() { ReceiveMaximum = AtOnce });
        await using var owned = client;
        using var accepted = connection;

        // A publisher that does not wait for each acknowledgement: some of its messages find a place at once, others wait for one.
        using var room = new SemaphoreSlim(3 * AtOnce);
        var publishing = Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                await room.WaitAsync();
                _ = PublishAsync(i);
            }
        });
        var waiting = new List<ushort>();
        for (var i = 0; i < Count; i++)
        {
            var next = await connection.ReadPublishAsync(V5, $"message {i}");
            Assert.Equal($"{i}", next.Payload);
            waiting.Add(next.PacketId);
            if (waiting.Count < AtOnce) continue;

            // Several places come back at once.
            await connection.SendAsync(w =>
            {
                foreach (var id in waiting) new PubAckPacket(id).Write(w, V5);
            });
            waiting.Clear();
        }

        await publishing.Within("the publisher");

        async Task PublishAsync(int number)
        {
            await client.PublishAsync("t", Encoding.ASCII.GetBytes($"{number}"), MqttQoS.AtLeastOnce);
            room.Release();
        }
    }

    [Fact]
    public async Task A_message_that_waits_for_its_turn_can_be_cancelled_and_those_behind_it_go_on()
    {
        using var server = new ScriptedServer();
        var (client, connection) = await server.ConnectAsync(server.Options(), new() { ReceiveMaximum = 1 });
        await using var owned = client;
        using var accepted = connection;
        using var cancel = new CancellationTokenSource();
        Task<MqttReasonCode> Publish(string payload, CancellationToken token = default) => client.PublishAsync("t", Encoding.ASCII.GetBytes(payload), MqttQoS.AtLeastOnce, cancellationToken: token).AsTask();
        var published = new List<Task<MqttReasonCode>> { Publish("0"), Publish("1") };
        var given = Publish("given up", cancel.Token);
        published.Add(Publish("2"));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.Within("the message that is given up"));
        for (var i = 0; i < 3; i++)
        {
            var next = await connection.ReadPublishAsync(V5, $"message {i}");
            Assert.Equal($"{i}", next.Payload);
            await connection.SendAsync(w => new PubAckPacket(next.PacketId).Write(w, V5));
        }

        foreach (var one in published) Assert.Equal(MqttReasonCode.Success, await one.Within("PUBACK"));
    }

    [Fact]
    public async Task Messages_that_wait_for_their_turn_fail_with_a_connection_that_is_not_made_again()
    {
        using var server = new ScriptedServer();
        var (client, connection) = await server.ConnectAsync(server.Options() with { Reconnect = false, SessionExpiry = TimeSpan.Zero, CleanStart = true }, new() { ReceiveMaximum = 1 });
        await using var owned = client;
        var published = Enumerable.Range(0, 4).Select(i => client.PublishAsync("t", new byte[i + 1], MqttQoS.AtLeastOnce).AsTask()).ToList();
        await connection.ReadPublishAsync(V5, "the first message");
        connection.Reset();
        foreach (var one in published) await Assert.ThrowsAsync<MqttConnectionLostException>(() => one.Within("the message to fail"));
    }

    [Fact]
    public async Task Messages_that_the_returning_server_does_not_take_fail_and_the_others_go_on()
    {
        using var server = new ScriptedServer();
        var (client, first) = await server.ConnectAsync(server.Options());
        await using var _ = client;
        var large = client.PublishAsync("t", new byte[500], MqttQoS.AtLeastOnce).AsTask();
        var small = client.PublishAsync("t", new byte[5], MqttQoS.AtLeastOnce).AsTask();
        await first.ReadPublishAsync(V5, "the large one");
        await first.ReadPublishAsync(V5, "the small one");
        first.Reset();
        using var second = await server.AcceptAsync(sessionPresent: true, properties: new() { MaximumPacketSize = 100 });
        var again = await second.ReadPublishAsync(V5, "the small one again");
        await second.SendAsync(w => new PubAckPacket(again.PacketId).Write(w, V5));
        await small.Within("PUBACK");
        var refused = await Assert.ThrowsAsync<MqttProtocolException>(() => large.Within("the large one to fail"));
        Assert.Equal(MqttReasonCode.PacketTooLarge, refused.Violation!.ReasonCode);
    }

    [Fact]
    public async Task Everything_arrives_exactly_once_over_a_connection_that_breaks_again_and_again()
    {
        const int Count = 3000;
        var handler = new ScriptedHandler { Durable = false };
        await using var host = await BrokerHost.StartAsync(handler);
        var got = new ConcurrentQueue<string>();
        var options = host.Options("c") with
        {
            CleanStart = false,
            SessionExpiry = TimeSpan.FromMinutes(5),
            Reconnect = true,
            ReconnectMinDelay = TimeSpan.FromMilliseconds(1),
            ReconnectMaxDelay = TimeSpan.FromMilliseconds(20),
            MaxInFlight = 32,
        };
        await using var subscriber = await host.ConnectAsync(options with { ClientId = "s" });
        await subscriber.SubscribeAsync("t", MqttQoS.ExactlyOnce, (m, _) =>
        {
            got.Enqueue(Encoding.ASCII.GetString(m.Payload.Span));
            return default;
        });
        await using var client = await host.ConnectAsync(options);
        var publishes = new List<Task<MqttReasonCode>>();
        for (var i = 0; i < Count; i++)
        {
            publishes.Add(client.PublishAsync("t", Encoding.ASCII.GetBytes($"{i}"), MqttQoS.ExactlyOnce).AsTask());
            if (i % 32 == 31) await publishes[i - 16].Within($"message {i - 16}");
            if (i % 200 == 100) host.Broker.Disconnect("c", MqttReasonCode.AdministrativeAction, "test");
            if (i % 300 == 250) host.Broker.Disconnect("s", MqttReasonCode.AdministrativeAction, "test");
        }

        foreach (var publish in publishes) Assert.Equal(MqttReasonCode.Success, await publish.Within("PUBCOMP"));
        await Eventually.True(() => got.Count >= Count, "all messages at the subscriber");
        Assert.True(client.Reconnects > 5 && subscriber.Reconnects > 3, "The connections did not break.");
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"{i}").Order(), handler.Accepted.Select(a => a.Payload).Order());
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"{i}").Order(), got.Order());
    }

    [Fact]
    public async Task Two_clients_with_one_identifier_do_not_push_each_other_out_for_ever()
    {
        await using var host = await BrokerHost.StartAsync();
        var states = new ConcurrentQueue<MqttConnectionState>();
        var stopped = new TaskCompletionSource();
        var options = host.Options("same") with { Reconnect = true, ReconnectMinDelay = TimeSpan.FromMilliseconds(1) };
        await using var first = await host.ConnectAsync(options with
        {
            OnConnectionChanged = (state, _) =>
            {
                states.Enqueue(state);
                if (state == MqttConnectionState.Stopped) stopped.TrySetResult();
            },
        });
        await using var second = await host.ConnectAsync(options);
        await stopped.Task.Within("the first client to give way");
        Assert.Equal([MqttConnectionState.Connected, MqttConnectionState.Stopped], states);
        Assert.True(second.IsConnected);
        var refused = await Assert.ThrowsAsync<MqttConnectionLostException>(async () => await first.PublishAsync("t", default, MqttQoS.AtLeastOnce));
        Assert.Contains("an identifier of its own", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_connect_is_tried_again_when_asked_for()
    {
        var port = 0;
        using (var server = new ScriptedServer()) port = server.Port;
        var failed = new TaskCompletionSource();
        await using var client = new MqttClient(new()
        {
            Host = "127.0.0.1",
            Port = port,
            RetryFirstConnect = true,
            ReconnectMinDelay = TimeSpan.FromMilliseconds(1),
            ReconnectMaxDelay = TimeSpan.FromMilliseconds(50),
            OnConnectionChanged = (state, _) => failed.TrySetResult(),
        });
        using var giveUp = new CancellationTokenSource();
        var connecting = client.ConnectAsync(giveUp.Token);
        await failed.Task.Within("the first attempt to fail");
        Assert.False(connecting.IsCompleted);
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
        listener.Start();
        using var connection = new RawConnection(await listener.AcceptSocketAsync(TestContext.Current.CancellationToken).AsTask().Within("the next attempt"));
        await connection.ReadPacketAsync("CONNECT");
        await connection.SendAsync(0x20, 3, 0, 0, 0);
        await connecting.Within("the connect");
    }

    [Fact]
    public async Task What_the_server_does_not_take_is_refused_before_it_is_sent_and_the_message_says_what_to_do()
    {
        using var server = new ScriptedServer();
        var (client, connection) = await server.ConnectAsync(server.Options(), new()
        {
            MaximumPacketSize = 60,
            MaximumQoS = true,
            RetainAvailable = false,
            WildcardSubscriptionAvailable = false,
            SharedSubscriptionAvailable = false,
        });
        await using var _ = client;
        await ExpectAsync(MqttReasonCode.PacketTooLarge, "Publish less", async () => await client.PublishAsync("t", new byte[60], MqttQoS.AtLeastOnce));
        await ExpectAsync(MqttReasonCode.QoSNotSupported, "with QoS 1", async () => await client.PublishAsync("t", default, MqttQoS.ExactlyOnce));
        await ExpectAsync(MqttReasonCode.RetainNotSupported, "without retain", async () => await client.PublishAsync("t", default, retain: true));
        await ExpectAsync(MqttReasonCode.WildcardSubscriptionsNotSupported, "whole topics", () => client.SubscribeAsync("t/#", MqttQoS.AtLeastOnce, (_, _) => default));
        await ExpectAsync(MqttReasonCode.SharedSubscriptionsNotSupported, "without $share", () => client.SubscribeAsync("$share/g/t", MqttQoS.AtLeastOnce, (_, _) => default));
        Assert.False(connection.HasData);

        static async Task ExpectAsync(MqttReasonCode reason, string advice, Func<Task> action)
        {
            var refused = await Assert.ThrowsAsync<MqttProtocolException>(action);
            Assert.Equal(reason, refused.Violation!.ReasonCode);
            Assert.Contains(advice, refused.Message, StringComparison.Ordinal);
        }
    }
}
