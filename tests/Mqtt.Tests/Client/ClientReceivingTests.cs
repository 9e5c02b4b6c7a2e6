using System.Text;
using System.Threading.Channels;

namespace SmartCity.Mqtt.Tests;

/// <summary>Inbound messages: manual acknowledgement, its order and bound; QoS 2 once; topic aliases; the receiver on the read loop.</summary>
public sealed class ClientReceivingTests
{
    private const MqttProtocolVersion V5 = MqttProtocolVersion.V500;

    public static TheoryData<MqttProtocolVersion> Versions => [MqttProtocolVersion.V311, V5];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task MQTT_4_6_0_2_Acknowledgements_given_in_any_order_go_out_in_the_order_of_the_messages(MqttProtocolVersion version)
    {
        using var server = new ScriptedServer();
        var (client, connection) = await server.ConnectAsync(server.Options(version));
        await using var _ = client;
        var deliveries = await SubscribeAsync(client, connection, version);
        for (ushort id = 1; id <= 4; id++) await connection.PublishAsync(version, "t", $"{id}", id == 3 ? MqttQoS.ExactlyOnce : MqttQoS.AtLeastOnce, id);
        var held = new List<MqttDelivery>();
        for (var i = 0; i < 4; i++) held.Add(await deliveries.ReadAsync().AsTask().Within("a delivery"));
        held[2].Acknowledge();
        held[1].Acknowledge();
        held[1].Acknowledge();
        Assert.False(connection.HasData);
        held[0].Acknowledge();
        Assert.Equal((0x40, 1), Identify(await connection.ReadPacketAsync("PUBACK 1")));
        Assert.Equal((0x40, 2), Identify(await connection.ReadPacketAsync("PUBACK 2")));
        Assert.Equal((0x50, 3), Identify(await connection.ReadPacketAsync("PUBREC 3")));
        Assert.False(connection.HasData);
        await Task.Run(held[3].Acknowledge, TestContext.Current.CancellationToken);
        Assert.Equal((0x40, 4), Identify(await connection.ReadPacketAsync("PUBACK 4")));
        await connection.SendAsync(w => new PubRelPacket(3).Write(w, version));
        Assert.Equal((0x70, 3), Identify(await connection.ReadPacketAsync("PUBCOMP 3")));
    }

    [Fact]
    public async Task An_acknowledgement_for_a_lost_connection_is_ignored_and_the_message_comes_again()
    {
        using var server = new ScriptedServer();
        var (client, first) = await server.ConnectAsync(server.Options());
        await using var _ = client;
        var deliveries = await SubscribeAsync(client, first, V5);
        await first.PublishAsync(V5, "t", "x", MqttQoS.AtLeastOnce, 7);
        var old = await deliveries.ReadAsync().AsTask().Within("the delivery");
        first.Reset();
        using var second = await server.AcceptAsync(sessionPresent: true);
        await second.SendAsync(w => PublishPacket.Write(w, V5, "t"u8, default, "x"u8, MqttQoS.AtLeastOnce, false, true, 7));
        var again = await deliveries.ReadAsync().AsTask().Within("the delivery again");
        Assert.True(again.Message.Duplicate);
        old.Acknowledge();
        await second.SendAsync(w => PublishPacket.Write(w, V5, "t"u8, default, "y"u8, MqttQoS.AtMostOnce, false, false, 0));
        await deliveries.ReadAsync().AsTask().Within("a later message");
        Assert.False(second.HasData);
        again.Acknowledge();
        Assert.Equal((0x40, 7), Identify(await second.ReadPacketAsync("PUBACK")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MQTT_4_3_3_12_A_QoS_2_message_whose_PUBREC_was_lost_is_acknowledged_again_and_not_delivered_again(bool manual)
    {
        using var server = new ScriptedServer();
        var (client, first) = await server.ConnectAsync(server.Options());
        await using var _ = client;
        var got = Channel.CreateUnbounded<string>();
        var subscribing = manual
            ? client.SubscribeManuallyAsync(new("t", MqttQoS.ExactlyOnce), d =>
            {
                got.Writer.TryWrite(Encoding.ASCII.GetString(d.Message.Payload.Span));
                d.Acknowledge();
            })
            : client.SubscribeAsync("t", MqttQoS.ExactlyOnce, (m, _) => got.Writer.WriteAsync(Encoding.ASCII.GetString(m.Payload.Span), CancellationToken.None));
        await AnswerSubscribeAsync(first, V5);
        await subscribing.Within("SUBACK");
        await first.PublishAsync(V5, "t", "once", MqttQoS.ExactlyOnce, 9);
        Assert.Equal("once", await got.Reader.ReadAsync().AsTask().Within("the message"));
        Assert.Equal((0x50, 9), Identify(await first.ReadPacketAsync("PUBREC")));
        first.Reset();
        using var second = await server.AcceptAsync(sessionPresent: true);
        await second.SendAsync(w => PublishPacket.Write(w, V5, "t"u8, default, "once"u8, MqttQoS.ExactlyOnce, false, true, 9));
        Assert.Equal((0x50, 9), Identify(await second.ReadPacketAsync("PUBREC again")));
        await second.SendAsync(w => new PubRelPacket(9).Write(w, V5));
        Assert.Equal((0x70, 9), Identify(await second.ReadPacketAsync("PUBCOMP")));
        await second.PublishAsync(V5, "t", "next", MqttQoS.ExactlyOnce, 9);
        Assert.Equal("next", await got.Reader.ReadAsync().AsTask().Within("the next message"));
    }

    [Fact]
    public async Task A_3_1_1_client_stops_reading_when_as_many_messages_as_it_holds_are_not_acknowledged()
    {
        const MqttProtocolVersion V3 = MqttProtocolVersion.V311;
        using var server = new ScriptedServer();
        var (client, connection) = await server.ConnectAsync(server.Options(V3) with { MaxReceived = 4 });
        await using var _ = client;
        var deliveries = await SubscribeAsync(client, connection, V3);
        for (ushort id = 1; id <= 20; id++) await connection.PublishAsync(V3, "t", $"{id}", MqttQoS.AtLeastOnce, id);
        await connection.SendAsync(0xD0, 0);
        var held = new Queue<MqttDelivery>();
        for (var i = 0; i < 4; i++) held.Enqueue(await deliveries.ReadAsync().AsTask().Within("a delivery"));
        for (ushort id = 1; id <= 20; id++)
        {
            Assert.False(deliveries.TryPeek(out var _), "More than four messages are without an acknowledgement.");
            held.Dequeue().Acknowledge();
            Assert.Equal((0x40, id), Identify(await connection.ReadPacketAsync($"PUBACK {id}")));
            if (id <= 16) held.Enqueue(await deliveries.ReadAsync().AsTask().Within("the next delivery"));
        }
    }

    /// <summary>mosquitto 2.0 does so when a session comes back. A client that left would get the same again, and would never get further.</summary>
    [Theory]
    [InlineData(MqttQoS.AtLeastOnce, 0x40)]
    [InlineData(MqttQoS.ExactlyOnce, 0x50)]
    public async Task MQTT_3_3_4_9_A_v5_server_that_sends_far_more_than_the_Receive_Maximum_is_read_as_acknowledgements_go_out(MqttQoS qos, int acknowledgement)
    {
        using var server = new ScriptedServer();
        var (client, connection) = await server.ConnectAsync(server.Options() with { MaxReceived = 4, Reconnect = false });
        await using var _ = client;
        var deliveries = await SubscribeAsync(client, connection, V5);
        for (ushort id = 1; id <= 30; id++) await connection.PublishAsync(V5, "t", $"{id}", qos, id);
        var held = new Queue<MqttDelivery>();
        for (var i = 0; i < 8; i++) held.Enqueue(await deliveries.ReadAsync().AsTask().Within("a delivery"));
        for (ushort id = 1; id <= 30; id++)
        {
            Assert.False(deliveries.TryPeek(out var _), "More than twice the Receive Maximum is without an acknowledgement.");
            held.Dequeue().Acknowledge();
            Assert.Equal((acknowledgement, id), Identify(await connection.ReadPacketAsync($"acknowledgement {id}")));
            if (id <= 22) held.Enqueue(await deliveries.ReadAsync().AsTask().Within("the next delivery"));
        }
    }

    [Fact]
    public async Task MQTT_3_3_2_8_Topic_aliases_of_the_server_are_resolved()
    {
        using var server = new ScriptedServer();
        var (client, connection) = await server.ConnectAsync(server.Options() with { TopicAliasMaximum = 2, Reconnect = false });
        await using var _ = client;
        var deliveries = await SubscribeAsync(client, connection, V5, "#");
        byte[] Alias(byte alias) => [0x23, 0, alias];
        await connection.SendAsync(w => PublishPacket.Write(w, V5, "long/topic"u8, Alias(2), "1"u8, MqttQoS.AtMostOnce, false, false, 0));
        await connection.SendAsync(w => PublishPacket.Write(w, V5, ""u8, Alias(2), "2"u8, MqttQoS.AtMostOnce, false, false, 0));
        for (var i = 0; i < 2; i++) Assert.Equal("long/topic", (await deliveries.ReadAsync().AsTask().Within("a message")).Message.Topic);
        await connection.SendAsync(w => PublishPacket.Write(w, V5, "x"u8, Alias(3), "3"u8, MqttQoS.AtMostOnce, false, false, 0));
        Assert.Equal([0xE0, 1, 0x94], (await connection.ReadPacketAsync("DISCONNECT"))[..3]);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_receiver_gets_spans_and_its_tickets_decide_when_the_server_is_acknowledged(MqttProtocolVersion version)
    {
        using var server = new ScriptedServer();
        var receiver = new ScriptedHandler();
        var (client, connection) = await server.ConnectAsync(server.Options(version) with { Receiver = receiver });
        await using var _ = client;
        var subscribing = client.SubscribeAsync(new MqttSubscription("city/#", MqttQoS.AtLeastOnce));
        await AnswerSubscribeAsync(connection, version);
        await subscribing.Within("SUBACK");
        for (ushort id = 1; id <= 3; id++) await connection.PublishAsync(version, "city/x", $"{id}", MqttQoS.AtLeastOnce, id);
        await Eventually.True(() => receiver.Accepted.Count == 3, "three messages at the receiver");
        Assert.False(connection.HasData);
        receiver.Sync(3);
        for (ushort id = 1; id <= 3; id++) Assert.Equal((0x40, id), Identify(await connection.ReadPacketAsync($"PUBACK {id}")));
    }

    private static (int Header, int PacketId) Identify(byte[] packet) => (packet[0], (packet[2] << 8) | packet[3]);

    private static async Task<ChannelReader<MqttDelivery>> SubscribeAsync(MqttClient client, RawConnection connection, MqttProtocolVersion version, string filter = "t")
    {
        var deliveries = Channel.CreateUnbounded<MqttDelivery>();
        var subscribing = client.SubscribeManuallyAsync(new(filter, MqttQoS.ExactlyOnce), d => Assert.True(deliveries.Writer.TryWrite(d)));
        await AnswerSubscribeAsync(connection, version);
        await subscribing.Within("SUBACK");
        return deliveries.Reader;
    }

    private static async Task AnswerSubscribeAsync(RawConnection connection, MqttProtocolVersion version)
    {
        var subscribe = await connection.ReadPacketAsync("SUBSCRIBE");
        Assert.Equal(0x82, subscribe[0]);
        await connection.SendAsync(w => new SubAckPacket((ushort)((subscribe[2] << 8) | subscribe[3]), [MqttReasonCode.GrantedQoS2]).Write(w, version));
    }
}
