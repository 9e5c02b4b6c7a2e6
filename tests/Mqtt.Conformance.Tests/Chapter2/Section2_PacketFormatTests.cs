namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 §2.2 and §2.3, 5.0 §2.1 and §2.2: fixed header flags, packet identifiers, property length.</summary>
public sealed class Section2_PacketFormatTests
{
    [Theory(DisplayName = "3.1.1 [MQTT-2.2.2-2] 5.0 [MQTT-2.1.3-1] Wrong flags in the fixed header close the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Flags_of_clients(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        for (var flags = 0; flags < 16; flags++)
        {
            if (flags != 0)
            {
                foreach (var type in new[] { 0x40, 0x50, 0x70 }) await scene.IsRefusedAsync([(byte)(type | flags), 2, 0, 1], MqttReasonCode.MalformedPacket);
                await scene.IsRefusedAsync([(byte)(0xC0 | flags), 0], MqttReasonCode.MalformedPacket);
            }

            if (flags == 2) continue;
            await scene.IsRefusedAsync([(byte)(0x60 | flags), 2, 0, 1], MqttReasonCode.MalformedPacket);
            await scene.IsRefusedAsync(Craft.Subscribe(version, [0x61], header: (byte)(0x80 | flags)), MqttReasonCode.MalformedPacket);
            await scene.IsRefusedAsync(Craft.Unsubscribe(version, [0x61], header: (byte)(0xA0 | flags)), MqttReasonCode.MalformedPacket);
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-2.2.2-1] 5.0 [MQTT-2.1.3-1] The server sets the flags of each of its packets as the table says")]
    [ClassData(typeof(BothVersions))]
    public async Task Flags_of_the_server(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.OpenAsync();
        await peer.SendAsync(new ConnectPacket { ClientId = "a", Version = version }.Write);
        Assert.Equal(0x20, (await peer.ReadPacketAsync("CONNACK"))[0]);
        await peer.SendAsync(Craft.Subscribe(version, [0x61], 2));
        Assert.Equal(0x90, (await peer.ReadPacketAsync("SUBACK"))[0]);
        await scene.PublishAsync(peer, "b", "", MqttQoS.AtLeastOnce, 1);
        Assert.Equal(0x40, (await peer.ReadPacketAsync("PUBACK"))[0]);
        await scene.PublishAsync(peer, "b", "", MqttQoS.ExactlyOnce, 2);
        Assert.Equal(0x50, (await peer.ReadPacketAsync("PUBREC"))[0]);
        await peer.SendAsync(Scene.Ack(MqttPacketType.PubRel, 2));
        Assert.Equal(0x70, (await peer.ReadPacketAsync("PUBCOMP"))[0]);
        scene.Host.Broker.Publish("a", "x"u8, MqttQoS.ExactlyOnce);
        var publish = await scene.ReadPublishAsync(peer);
        await peer.SendAsync(Scene.Ack(MqttPacketType.PubRec, publish.PacketId));
        Assert.Equal(0x62, (await peer.ReadPacketAsync("PUBREL"))[0]);
        await peer.SendAsync(Craft.Unsubscribe(version, [0x61]));
        Assert.Equal(0xB0, (await peer.ReadPacketAsync("UNSUBACK"))[0]);
        await Scene.IsAliveAsync(peer);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-2.3.1-1] 5.0 [MQTT-2.2.1-3] A packet identifier of 0 closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Identifier_zero(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.IsRefusedAsync(Craft.Packet(0x82, Craft.Id(0), Craft.Properties(version), Craft.Text("a"), [0]), MqttReasonCode.ProtocolError);
        await scene.IsRefusedAsync(Craft.Packet(0xA2, Craft.Id(0), Craft.Properties(version), Craft.Text("a")), MqttReasonCode.ProtocolError);
        await scene.IsRefusedAsync(Craft.Packet(0x32, Craft.Text("a"), Craft.Id(0), Craft.Properties(version)), MqttReasonCode.ProtocolError);
        await scene.IsRefusedAsync(Craft.Packet(0x34, Craft.Text("a"), Craft.Id(0), Craft.Properties(version)), MqttReasonCode.ProtocolError);
        foreach (var type in new[] { MqttPacketType.PubAck, MqttPacketType.PubRec, MqttPacketType.PubRel, MqttPacketType.PubComp })
        {
            await scene.IsRefusedAsync(Scene.Ack(type, 0), MqttReasonCode.ProtocolError);
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-2.3.1-4] 5.0 [MQTT-2.2.1-4][MQTT-4.3.2-1][MQTT-4.3.3-1] The server gives each new message an identifier that is not in use, never 0")]
    [ClassData(typeof(BothVersions))]
    public async Task Identifiers_of_the_server(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version, l => l.MaxOutboundInFlight = 20);
        var subscriber = await scene.SubscriberAsync("#");
        var used = new HashSet<ushort>();
        for (var i = 0; i < 20; i++) scene.Host.Broker.Publish("a", "x"u8, i % 2 == 0 ? MqttQoS.AtLeastOnce : MqttQoS.ExactlyOnce);
        for (var i = 0; i < 20; i++) Assert.True(used.Add((await scene.ReadPublishAsync(subscriber)).PacketId));
        Assert.DoesNotContain((ushort)0, used);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-2.3.1-5] 5.0 [MQTT-2.2.1-2][MQTT-2.2.2-1] A QoS 0 PUBLISH has no identifier, and a packet without properties a property length of 0")]
    [ClassData(typeof(BothVersions))]
    public async Task QoS_0_has_no_identifier(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var subscriber = await scene.SubscriberAsync("a");
        var publisher = await scene.ConnectAsync();
        await scene.PublishAsync(publisher, "a", "xy");
        byte[] expected = version == MqttProtocolVersion.V500 ? [0x30, 6, 0, 1, 0x61, 0, 0x78, 0x79] : [0x30, 5, 0, 1, 0x61, 0x78, 0x79];
        Assert.Equal(expected, await subscriber.ReadPacketAsync("PUBLISH"));
    }

    [Theory(DisplayName = "3.1.1 [MQTT-2.3.1-6] 5.0 [MQTT-2.2.1-5] PUBACK, PUBREC, PUBREL and PUBCOMP carry the identifier of their PUBLISH")]
    [ClassData(typeof(BothVersions))]
    public async Task Acknowledgements_carry_the_identifier(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.ConnectAsync();
        foreach (ushort id in new ushort[] { 1, 255, 256, 65_535 })
        {
            await scene.PublishAsync(peer, "a", "x", MqttQoS.AtLeastOnce, id);
            Assert.Equal(Scene.Ack(MqttPacketType.PubAck, id), (await peer.ReadPacketAsync("PUBACK"))[..4]);
            await scene.PublishAsync(peer, "a", "x", MqttQoS.ExactlyOnce, id);
            Assert.Equal(Scene.Ack(MqttPacketType.PubRec, id), (await peer.ReadPacketAsync("PUBREC"))[..4]);
            await peer.SendAsync(Scene.Ack(MqttPacketType.PubRel, id));
            Assert.Equal(Scene.Ack(MqttPacketType.PubComp, id), (await peer.ReadPacketAsync("PUBCOMP"))[..4]);
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-2.3.1-7] 5.0 [MQTT-2.2.1-6] SUBACK and UNSUBACK carry the identifier of their request")]
    [ClassData(typeof(BothVersions))]
    public async Task Subscription_answers_carry_the_identifier(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var peer = await scene.ConnectAsync();
        foreach (ushort id in new ushort[] { 1, 255, 256, 65_535 })
        {
            await peer.SendAsync(w => new SubscribePacket(id, [new("a", MqttQoS.AtMostOnce)]).Write(w, version));
            Assert.Equal(Craft.Id(id), (await peer.ReadPacketAsync("SUBACK"))[2..4]);
            await peer.SendAsync(w => new UnsubscribePacket(id, ["a"]).Write(w, version));
            Assert.Equal(Craft.Id(id), (await peer.ReadPacketAsync("UNSUBACK"))[2..4]);
        }
    }
}
