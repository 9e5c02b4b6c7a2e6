using Microsoft.Extensions.Logging;

namespace SmartCity.Mqtt.Tests;

/// <summary>A bad message, handler or client harms nobody else, and is told, logged and counted.</summary>
public sealed class IsolationTests
{
    [Fact]
    public async Task MQTT_4_13_1_1_A_malformed_packet_closes_its_connection_with_a_reason_a_log_line_and_a_count()
    {
        await using var host = await BrokerHost.StartAsync();
        await using var bystander = await host.ConnectAsync("bystander");
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("bad-device", MqttProtocolVersion.V500);
        await peer.SendAsync(0x32, 5, 0, 1, (byte)'a', 0, 1, 0x36, 0);
        var bytes = await peer.ReadPacketAsync("DISCONNECT");
        Assert.Equal((0xE0, (byte)MqttReasonCode.MalformedPacket), (bytes[0], bytes[2]));
        Assert.True(await peer.IsClosedAsync());
        Assert.Equal(1, host.Metrics.Violations(MqttReasonCode.MalformedPacket));
        Assert.Contains(host.Log.Lines, l => l.Level == LogLevel.Warning && l.Text.Contains("bad-device", StringComparison.Ordinal) && l.Text.Contains("§4.13", StringComparison.Ordinal));
        Assert.Equal(MqttReasonCode.Success, await bystander.PublishAsync("t", default, MqttQoS.AtLeastOnce));
    }

    [Fact]
    public async Task MQTT_4_8_0_1_A_3_1_1_client_is_just_closed_but_what_came_before_is_answered()
    {
        await using var host = await BrokerHost.StartAsync();
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V311);
        await peer.SendAsync(0x32, 5, 0, 1, (byte)'a', 0, 1, 0x36, 5, 0, 1, (byte)'a', 0, 2);
        Assert.Equal([0x40, 2, 0, 1], await peer.ReadPacketAsync("PUBACK of the good message"));
        Assert.True(await peer.IsClosedAsync());
    }

    [Theory]
    [InlineData(new byte[] { (byte)'G', (byte)'E', (byte)'T', (byte)' ' })]
    [InlineData(new byte[] { 0x30, 3, 0, 1, (byte)'a' })]
    [InlineData(new byte[] { 0x16, 3, 1, 2 })]
    [InlineData(new byte[] { 0x00 })]
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0xFF })]
    public async Task MQTT_3_1_0_1_A_stranger_is_closed_without_an_answer(byte[] bytes)
    {
        await using var host = await BrokerHost.StartAsync();
        using var peer = await host.OpenRawAsync();
        await peer.SendAsync(bytes);
        Assert.True(await peer.IsClosedAsync());
    }

    [Theory]
    [InlineData(3, new byte[] { 0x20, 2, 0, 1 })]
    [InlineData(6, new byte[] { 0x20, 3, 0, 0x84 })]
    public async Task MQTT_3_1_2_2_An_unknown_version_is_answered_in_a_form_that_it_can_read(byte level, byte[] beginning)
    {
        await using var host = await BrokerHost.StartAsync();
        using var peer = await host.OpenRawAsync();
        await peer.SendAsync(0x10, 12, 0, 4, 77, 81, 84, 84, level, 2, 0, 0, 0, 0);
        var answer = await peer.ReadPacketAsync("CONNACK");
        Assert.Equal((beginning[0], beginning[3]), (answer[0], answer[3]));
        Assert.True(await peer.IsClosedAsync());
    }

    [Fact]
    public async Task MQTT_3_1_0_2_A_second_CONNECT_is_a_protocol_error()
    {
        await using var host = await BrokerHost.StartAsync();
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V500);
        await peer.SendAsync(w => new ConnectPacket { ClientId = "c" }.Write(w));
        Assert.Equal((byte)MqttReasonCode.ProtocolError, (await peer.ReadPacketAsync("DISCONNECT"))[2]);
    }

    [Theory]
    [InlineData(0x20)]
    [InlineData(0x90)]
    [InlineData(0xB0)]
    [InlineData(0xD0)]
    [InlineData(0xF0)]
    public async Task Packets_that_only_a_server_sends_are_protocol_errors(byte header)
    {
        await using var host = await BrokerHost.StartAsync();
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V500);
        await peer.SendAsync(header, 0);
        Assert.Equal((byte)MqttReasonCode.ProtocolError, (await peer.ReadPacketAsync("DISCONNECT"))[2]);
    }

    [Fact]
    public async Task An_exception_in_the_handler_closes_that_connection_only()
    {
        await using var host = await BrokerHost.StartAsync(new ScriptedHandler
        {
            Durable = false,
            Judge = topic => topic == "bad" ? throw new InvalidOperationException("boom") : MqttReasonCode.Success,
        });
        await using var good = await host.ConnectAsync("good");
        await using var bad = await host.ConnectAsync("bad");
        var lost = await Assert.ThrowsAsync<MqttConnectionLostException>(async () => await bad.PublishAsync("bad", default, MqttQoS.AtLeastOnce));
        Assert.Equal(MqttReasonCode.UnspecifiedError, lost.ReasonCode);
        Assert.Equal(MqttReasonCode.Success, await good.PublishAsync("good", default, MqttQoS.AtLeastOnce));
        Assert.Contains(host.Log.Lines, l => l.Level == LogLevel.Error && l.Text.Contains("boom", StringComparison.Ordinal));
    }

    [Fact]
    public async Task MQTT_3_3_2_9_Topic_aliases_are_defined_used_and_bounded()
    {
        var handler = new ScriptedHandler { Durable = false };
        await using var host = await BrokerHost.StartAsync(handler, limits: l => l.TopicAliasMaximum = 2);
        using var peer = await host.OpenRawAsync();
        await peer.ConnectAsync("c", MqttProtocolVersion.V500);
        await peer.SendAsync(0x30, 7, 0, 1, (byte)'a', 3, 0x23, 0, 2);
        await peer.SendAsync(0x30, 6, 0, 0, 3, 0x23, 0, 2);
        await peer.SendAsync(0x30, 7, 0, 1, (byte)'b', 3, 0x23, 0, 2);
        await peer.SendAsync(0x30, 6, 0, 0, 3, 0x23, 0, 2);
        await Eventually.True(() => handler.Accepted.Count == 4, "four messages");
        Assert.Equal(["a", "a", "b", "b"], handler.Accepted.Select(m => m.Topic));
        await peer.SendAsync(0x30, 7, 0, 1, (byte)'a', 3, 0x23, 0, 3);
        Assert.Equal((byte)MqttReasonCode.TopicAliasInvalid, (await peer.ReadPacketAsync("DISCONNECT"))[2]);
        using var other = await host.OpenRawAsync();
        await other.ConnectAsync("d", MqttProtocolVersion.V500);
        await other.SendAsync(0x30, 6, 0, 0, 3, 0x23, 0, 1);
        Assert.Equal((byte)MqttReasonCode.ProtocolError, (await other.ReadPacketAsync("DISCONNECT for an undefined alias"))[2]);
    }

    [Fact]
    public async Task Topics_beyond_the_limits_are_refused()
    {
        await using var host = await BrokerHost.StartAsync(limits: l => (l.MaxTopicLength, l.MaxTopicDepth, l.MaxSubscriptionsPerSession) = (20, 3, 2));
        await using var client = await host.ConnectAsync("c");
        await Assert.ThrowsAsync<MqttProtocolException>(() => client.SubscribeAsync("a/b/c/d", MqttQoS.AtMostOnce, (_, _) => default));
        await client.SubscribeAsync("a", MqttQoS.AtMostOnce, (_, _) => default);
        await client.SubscribeAsync("b", MqttQoS.AtMostOnce, (_, _) => default);
        await client.SubscribeAsync("b", MqttQoS.AtLeastOnce, (_, _) => default);
        var full = await Assert.ThrowsAsync<MqttProtocolException>(() => client.SubscribeAsync("c", MqttQoS.AtMostOnce, (_, _) => default));
        Assert.Contains(nameof(MqttReasonCode.QuotaExceeded), full.Message, StringComparison.Ordinal);
        var lost = await Assert.ThrowsAsync<MqttConnectionLostException>(async () => await client.PublishAsync("a/b/c/d", default, MqttQoS.AtLeastOnce));
        Assert.Equal(MqttReasonCode.TopicNameInvalid, lost.ReasonCode);
    }

    [Fact]
    public void Limits_that_make_no_sense_say_what_to_write_instead()
    {
        var wrong = Assert.Throws<InvalidOperationException>(() => new MqttBroker(limits: new() { MaxPacketSize = 5 }));
        Assert.Equal("MqttLimits.MaxPacketSize must be at least 128 bytes.", wrong.Message);
    }
}
