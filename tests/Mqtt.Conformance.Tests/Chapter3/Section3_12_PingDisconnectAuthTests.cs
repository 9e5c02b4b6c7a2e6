namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 §3.12 to §3.14, 5.0 §3.12 to §3.15: PINGREQ, DISCONNECT, AUTH.</summary>
public sealed class Section3_12_PingDisconnectAuthTests
{
    [Theory(DisplayName = "3.1.1 [MQTT-3.12.4-1] 5.0 [MQTT-3.12.4-1] Each PINGREQ is answered")]
    [ClassData(typeof(BothVersions))]
    public async Task Ping(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.ConnectAsync();
        await peer.SendAsync(0xC0, 0, 0xC0, 0, 0xC0, 0);
        for (var i = 0; i < 3; i++) Assert.Equal([0xD0, 0], await peer.ReadPacketAsync("PINGRESP"));
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.14.1-1] 5.0 [MQTT-3.14.1-1] A DISCONNECT with reserved flags closes the connection as a violation: the will is published")]
    [ClassData(typeof(BothVersions))]
    public async Task Flags_of_DISCONNECT(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var watcher = await scene.SubscriberAsync("#");
        for (var flags = 1; flags < 16; flags++)
        {
            var peer = await scene.ConnectAsync("p", c => c with { Will = new("w", [], MqttQoS.AtMostOnce, false) });
            await peer.SendAsync((byte)(0xE0 | flags), 0);
            await scene.IsClosedAsync(peer, MqttReasonCode.MalformedPacket);
            Assert.Equal("w", (await scene.ReadPublishAsync(watcher)).Topic);
        }
    }

    [Fact(DisplayName = "5.0 [MQTT-3.14.0-1] Before CONNACK with success the server sends no DISCONNECT")]
    public async Task No_DISCONNECT_before_CONNACK()
    {
        var time = new FakeTimeProvider();
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500, time: time, authorizer: new RecordingAuthorizer());
        var (refused, answer) = await scene.TryConnectAsync("nobody");
        Assert.Equal(MqttReasonCode.NotAuthorized, answer.ReasonCode);
        Assert.True(await refused.IsClosedAsync());
        await Eventually.True(() => scene.Host.Broker.OpenSockets == 0, "the refused connection is closed");
        var silent = await scene.OpenAsync();
        await silent.SendAsync(0x10);
        await Eventually.True(() => scene.Host.Broker.OpenSockets == 1, "the silent connection is taken");
        await Eventually.True(() => { time.Advance(TimeSpan.FromSeconds(5)); return scene.Host.Broker.OpenSockets == 0; }, "the silent connection is closed");
        Assert.True(await silent.IsClosedAsync());
    }

    [Fact(DisplayName = "5.0 [MQTT-3.14.2-1] A DISCONNECT with a code that it does not have is a protocol error")]
    public async Task Reason_of_a_client()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        foreach (var code in new byte[] { 1, 2, 5, 0x10, 0x7F, 0x84, 0xFF }) await scene.IsRefusedAsync([0xE0, 1, code], MqttReasonCode.ProtocolError);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.14.2-1][MQTT-3.14.2-2] A DISCONNECT of the server has a code of the table and no session expiry interval")]
    public async Task Properties_of_the_server()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var peer = await scene.ConnectAsync("p", scene.Kept);
        scene.Host.Broker.Disconnect("p", MqttReasonCode.AdministrativeAction, "Because.");
        var bytes = await peer.ReadPacketAsync("DISCONNECT");
        Assert.True(DisconnectPacket.TryParse(0, bytes.AsSpan(2), scene.Version, out var packet, out _));
        Assert.Equal(MqttReasonCode.AdministrativeAction, packet!.ReasonCode);
        Assert.Null(packet.Properties?.SessionExpiryInterval);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.14.2-3][MQTT-3.14.2-4] A DISCONNECT leaves out the reason string that does not fit the client's Maximum Packet Size")]
    public async Task Size_of_DISCONNECT()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var peer = await scene.ConnectAsync("p", c => c with { Properties = new() { MaximumPacketSize = 20 } });
        await peer.SendAsync(0x36, 2, 0, 0);
        Assert.Equal([0xE0, 1, 0x81], await peer.ReadPacketAsync("DISCONNECT"));
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.14.4-3] 5.0 [MQTT-3.14.4-1][MQTT-3.14.4-2] After DISCONNECT nothing more is sent or processed and the connection closes")]
    [ClassData(typeof(BothVersions))]
    public async Task Nothing_after_DISCONNECT(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var watcher = await scene.SubscriberAsync("#");
        var peer = await scene.ConnectAsync();
        await peer.SendAsync([0xE0, 0, 0xC0, 0, .. Craft.Publish(version, [0x61])]);
        Assert.True(await peer.IsClosedAsync());
        scene.Host.Broker.Publish("marker", ""u8);
        Assert.Equal("marker", (await scene.ReadPublishAsync(watcher)).Topic);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.14.4-1][MQTT-3.14.4-2] After a DISCONNECT of the server nothing follows and the connection closes, though the client goes on sending")]
    public async Task Nothing_after_DISCONNECT_of_the_server()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        await scene.IsRefusedAsync([0x00, 0x00, 0xC0, 0, 0xC0, 0], MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "5.0 [MQTT-3.15.1-1] An AUTH with reserved flags is malformed")]
    [InlineData(0xF1)]
    [InlineData(0xF2)]
    [InlineData(0xFF)]
    public async Task Flags_of_AUTH(byte header)
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        await scene.IsRefusedAsync([header, 0], MqttReasonCode.MalformedPacket);
    }
}
