namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 and 5.0 §3.4 to §3.7: PUBACK, PUBREC, PUBREL, PUBCOMP.</summary>
public sealed class Section3_06_AcknowledgementTests
{
    [Theory(DisplayName = "3.1.1 [MQTT-3.6.1-1] 5.0 [MQTT-3.6.1-1] A PUBREL with flags other than 0010 closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Flags_of_PUBREL(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        for (var flags = 0; flags < 16; flags++)
        {
            if (flags != 2) await scene.IsRefusedAsync([(byte)(0x60 | flags), 2, 0, 1], MqttReasonCode.MalformedPacket);
        }
    }

    [Fact(DisplayName = "5.0 [MQTT-3.4.2-1][MQTT-3.5.2-1][MQTT-3.6.2-1][MQTT-3.7.2-1] A reason code that an acknowledgement does not have closes the connection")]
    public async Task Reason_codes_of_clients()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        foreach (var header in new byte[] { 0x40, 0x50, 0x62, 0x70 }) await scene.IsRefusedAsync([header, 3, 0, 1, 0x8D], MqttReasonCode.ProtocolError);
        await scene.IsRefusedAsync([0x62, 3, 0, 1, 0x87], MqttReasonCode.ProtocolError);
    }

    [Fact(DisplayName = "5.0 [MQTT-3.6.2-1][MQTT-3.7.2-1] An identifier that is unknown is answered with 0x92 in PUBREL and PUBCOMP")]
    public async Task Unknown_identifiers()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var peer = await scene.ConnectAsync();
        await peer.SendAsync(Scene.Ack(MqttPacketType.PubRec, 5));
        Assert.Equal([0x62, 3, 0, 5, 0x92], await peer.ReadPacketAsync("PUBREL"));
        await peer.SendAsync(Scene.Ack(MqttPacketType.PubRel, 5));
        Assert.Equal([0x70, 3, 0, 5, 0x92], await peer.ReadPacketAsync("PUBCOMP"));
    }

    [Fact(DisplayName = "5.0 [MQTT-3.4.2-2][MQTT-3.4.2-3][MQTT-3.5.2-2][MQTT-3.5.2-3][MQTT-3.6.2-2][MQTT-3.6.2-3][MQTT-3.7.2-2][MQTT-3.7.2-3][MQTT-3.9.2-1][MQTT-3.9.2-2][MQTT-3.11.2-1][MQTT-3.11.2-2] Acknowledgements fit the smallest Maximum Packet Size that leaves room for their reason code")]
    public async Task Acknowledgements_are_short()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500, authorizer: new RecordingAuthorizer());
        var peer = await scene.OpenAsync();
        await peer.SendAsync(new ConnectPacket { ClientId = "s", Properties = new() { MaximumPacketSize = 30 } }.Write);
        Assert.Equal(MqttReasonCode.Success, (await scene.ReadConnAckAsync(peer)).ReasonCode);
        await scene.PublishAsync(peer, "no/a", "x", MqttQoS.AtLeastOnce, 1);
        Assert.Equal(5, (await peer.ReadPacketAsync("PUBACK")).Length);
        await scene.PublishAsync(peer, "no/a", "x", MqttQoS.ExactlyOnce, 1);
        Assert.Equal(5, (await peer.ReadPacketAsync("PUBREC")).Length);
        await peer.SendAsync(Scene.Ack(MqttPacketType.PubRec, 5));
        Assert.Equal(5, (await peer.ReadPacketAsync("PUBREL")).Length);
        await peer.SendAsync(Scene.Ack(MqttPacketType.PubRel, 5));
        Assert.Equal(5, (await peer.ReadPacketAsync("PUBCOMP")).Length);
        await peer.SendAsync(Craft.Subscribe(scene.Version, "no/a"u8.ToArray()));
        Assert.Equal(6, (await peer.ReadPacketAsync("SUBACK")).Length);
        await peer.SendAsync(Craft.Unsubscribe(scene.Version, "no/a"u8.ToArray()));
        Assert.Equal(6, (await peer.ReadPacketAsync("UNSUBACK")).Length);
    }
}
