using System.Text;

namespace SmartCity.Mqtt.Tests;

/// <summary>When acknowledgements leave, and in which order. The disk is a scripted one.</summary>
public sealed class AcknowledgementTests
{
    private static readonly byte[] s_pingResp = [0xD0, 0];

    [Theory]
    [InlineData(MqttProtocolVersion.V311, false)]
    [InlineData(MqttProtocolVersion.V500, false)]
    [InlineData(MqttProtocolVersion.V500, true)]
    public async Task MQTT_4_3_2_No_PUBACK_leaves_before_its_ticket_is_durable_and_they_leave_in_order(MqttProtocolVersion version, bool tells)
    {
        var handler = new ScriptedHandler { TellsDurableTicket = tells };
        await using var host = await BrokerHost.StartAsync(handler);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", version);
        for (ushort id = 1; id <= 100; id++) await SendPublishAsync(peer, version, MqttQoS.AtLeastOnce, id);
        await Eventually.True(() => handler.Accepted.Count == 100, "100 messages at the handler: the loop reads on while acknowledgements wait");

        // A PINGREQ is answered on the same loop after all 100, and nothing but its answer comes.
        await peer.SendAsync(0xC0, 0);
        Assert.Equal(s_pingResp, await peer.ReadPacketAsync("PINGRESP"));
        Assert.False(peer.HasData);

        handler.Sync(100);
        for (ushort id = 1; id <= 100; id++) Assert.Equal([0x40, 2, 0, (byte)id], await peer.ReadPacketAsync($"PUBACK {id}"));
        await Eventually.True(() => host.Metrics.AcksOut == 100, "100 acknowledgements counted");
    }

    [Fact]
    public async Task A_handler_that_tells_its_durable_ticket_gets_the_covered_acknowledgements_out_while_later_ones_wait()
    {
        var handler = new ScriptedHandler { TellsDurableTicket = true };
        await using var host = await BrokerHost.StartAsync(handler);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V500);
        for (ushort id = 1; id <= 10; id++) await SendPublishAsync(peer, MqttProtocolVersion.V500, MqttQoS.AtLeastOnce, id);
        await Eventually.True(() => handler.Accepted.Count == 10, "10 messages at the handler");
        handler.Sync(4);
        for (var id = 1; id <= 4; id++) Assert.Equal(id, (await peer.ReadPacketAsync($"PUBACK {id}"))[3]);
        await peer.SendAsync(0xC0, 0);
        Assert.Equal(s_pingResp, await peer.ReadPacketAsync("PINGRESP and no PUBACK 5"));
        handler.Sync(10);
        for (var id = 5; id <= 10; id++) Assert.Equal(id, (await peer.ReadPacketAsync($"PUBACK {id}"))[3]);
    }

    [Fact]
    public async Task MQTT_4_3_3_QoS_2_is_taken_once_though_resent_and_its_PUBREC_waits_for_the_disk()
    {
        var handler = new ScriptedHandler();
        await using var host = await BrokerHost.StartAsync(handler);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V500);
        await SendPublishAsync(peer, MqttProtocolVersion.V500, MqttQoS.ExactlyOnce, 7);
        await SendPublishAsync(peer, MqttProtocolVersion.V500, MqttQoS.ExactlyOnce, 7, duplicate: true);
        await peer.SendAsync(0xC0, 0);
        Assert.Equal(s_pingResp, await peer.ReadPacketAsync("PINGRESP before any PUBREC"));
        Assert.Single(handler.Accepted);
        handler.Sync(1);
        Assert.Equal([0x50, 2, 0, 7], await peer.ReadPacketAsync("PUBREC"));
        Assert.Equal([0x50, 2, 0, 7], await peer.ReadPacketAsync("PUBREC of the resend"));
        await peer.SendAsync(0x62, 2, 0, 7);
        Assert.Equal([0x70, 2, 0, 7], await peer.ReadPacketAsync("PUBCOMP"));
        await peer.SendAsync(0x62, 2, 0, 7);
        Assert.Equal([0x70, 3, 0, 7, 0x92], await peer.ReadPacketAsync("PUBCOMP of an identifier that is not known any more"));

        // Released: the same identifier is a new message.
        await SendPublishAsync(peer, MqttProtocolVersion.V500, MqttQoS.ExactlyOnce, 7);
        await Eventually.True(() => handler.Accepted.Count == 2, "the new message at the handler");
    }

    [Fact]
    public async Task MQTT_4_6_0_2_An_immediate_acknowledgement_does_not_overtake_one_that_waits()
    {
        var handler = new MixedHandler();
        await using var host = await BrokerHost.StartAsync(handler);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V311);
        await SendPublishAsync(peer, MqttProtocolVersion.V311, MqttQoS.AtLeastOnce, 1, topic: "wait");
        await SendPublishAsync(peer, MqttProtocolVersion.V311, MqttQoS.AtLeastOnce, 2, topic: "now");
        await peer.SendAsync(0xC0, 0);
        Assert.Equal(s_pingResp, await peer.ReadPacketAsync("PINGRESP before any PUBACK"));
        handler.Done.SetResult();
        Assert.Equal(1, (await peer.ReadPacketAsync("PUBACK 1"))[3]);
        Assert.Equal(2, (await peer.ReadPacketAsync("PUBACK 2"))[3]);
    }

    [Fact]
    public async Task When_the_disk_fails_the_connection_closes_without_an_acknowledgement()
    {
        var handler = new ScriptedHandler();
        await using var host = await BrokerHost.StartAsync(handler);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V500);
        await SendPublishAsync(peer, MqttProtocolVersion.V500, MqttQoS.AtLeastOnce, 1);
        await Eventually.True(() => handler.Accepted.Count == 1, "the message at the handler");
        handler.FailSync(new IOException("disk full"));
        var bytes = await peer.ReadPacketAsync("DISCONNECT");
        Assert.Equal((0xE0, (byte)MqttReasonCode.ImplementationSpecificError), (bytes[0], bytes[2]));
        Assert.True(await peer.IsClosedAsync());
    }

    [Fact]
    public async Task The_loop_stops_reading_a_3_1_1_client_whose_acknowledgements_are_full_and_goes_on_after()
    {
        var handler = new ScriptedHandler();
        await using var host = await BrokerHost.StartAsync(handler, limits: l => l.ReceiveMaximum = 10);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V311);
        for (ushort id = 1; id <= 25; id++) await SendPublishAsync(peer, MqttProtocolVersion.V311, MqttQoS.AtLeastOnce, id);
        await Eventually.True(() => host.Metrics.ReadPauses > 0, "a pause of reading");
        Assert.Equal(10, handler.Accepted.Count);
        handler.Sync(10);
        await Eventually.True(() => handler.Accepted.Count == 20, "ten more messages after ten acknowledgements");
        handler.Sync(100);
        for (var id = 1; id <= 25; id++) Assert.Equal(id, (await peer.ReadPacketAsync($"PUBACK {id}"))[3]);
    }

    [Fact]
    public async Task MQTT_3_3_4_9_A_v5_client_beyond_the_receive_maximum_is_disconnected_with_0x93()
    {
        await using var host = await BrokerHost.StartAsync(new ScriptedHandler(), limits: l => l.ReceiveMaximum = 5);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V500);
        for (ushort id = 1; id <= 6; id++) await SendPublishAsync(peer, MqttProtocolVersion.V500, MqttQoS.ExactlyOnce, id);
        Assert.Equal((byte)MqttReasonCode.ReceiveMaximumExceeded, (await peer.ReadPacketAsync("DISCONNECT"))[2]);
        Assert.Equal(1, host.Metrics.Violations(MqttReasonCode.ReceiveMaximumExceeded));
    }

    [Fact]
    public async Task The_handler_holds_the_reader_back_until_it_is_ready()
    {
        var handler = new ScriptedHandler { Durable = false };
        await using var host = await BrokerHost.StartAsync(handler);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V311);
        handler.HoldBack();
        await SendPublishAsync(peer, MqttProtocolVersion.V311, MqttQoS.AtLeastOnce, 1);
        await peer.ReadPacketAsync("PUBACK 1");
        await Eventually.True(() => host.Metrics.ReadPauses == 1, "the reader to pause");
        await SendPublishAsync(peer, MqttProtocolVersion.V311, MqttQoS.AtLeastOnce, 2);
        Assert.Single(handler.Accepted);
        handler.GoOn();
        await peer.ReadPacketAsync("PUBACK 2");
        Assert.Equal(2, handler.Accepted.Count);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V500, new byte[] { 0x40, 3, 0, 1, 0x99 })]
    [InlineData(MqttProtocolVersion.V311, new byte[] { 0x40, 2, 0, 1 })]
    public async Task A_refused_message_is_not_routed_and_v5_is_told_why(MqttProtocolVersion version, byte[] answer)
    {
        var handler = new ScriptedHandler { Durable = false, Judge = _ => MqttReasonCode.PayloadFormatInvalid };
        await using var host = await BrokerHost.StartAsync(handler);
        await using var subscriber = await host.ConnectAsync("sub");
        var got = 0;
        await subscriber.SubscribeAsync("#", MqttQoS.AtMostOnce, (_, _) =>
        {
            got++;
            return default;
        });
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", version);
        await SendPublishAsync(peer, version, MqttQoS.AtLeastOnce, 1);
        Assert.Equal(answer, await peer.ReadPacketAsync("PUBACK"));
        Assert.Equal(1, host.Metrics.Drops(MqttDropReason.Refused));
        Assert.Equal(0, got);
    }

    private static Task SendPublishAsync(
        RawConnection peer, MqttProtocolVersion version, MqttQoS qos, ushort id, bool duplicate = false, string topic = "t") =>
        peer.SendAsync(w => PublishPacket.Write(w, version, Encoding.UTF8.GetBytes(topic), default, "x"u8, qos, false, duplicate, id));

    private sealed class MixedHandler : IPublishHandler
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public PublishResult Accept(in InboundPublish publish) => new(publish.Topic.SequenceEqual("wait"u8) ? 1 : 0);

        public ValueTask WhenDurableAsync(long ticket, CancellationToken cancellationToken) => new(Done.Task.WaitAsync(cancellationToken));

        public ValueTask WhenReadyAsync(CancellationToken cancellationToken) => default;
    }
}
