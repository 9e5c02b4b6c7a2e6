namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 and 5.0 §3.1.0, §3.1.2 and §3.1.3: what a CONNECT looks like.</summary>
public sealed class Section3_01_ConnectPacketTests
{
    private const byte Will = 4, WillQoS1 = 8, WillQoS3 = 24, WillRetain = 32, Password = 64, UserName = 128;

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.0-1] 5.0 [MQTT-3.1.0-1] A first packet other than CONNECT closes the connection without an answer")]
    [ClassData(typeof(BothVersions))]
    public async Task First_packet(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        byte[][] first = [[0xC0, 0], [0xE0, 0], Craft.Subscribe(version, [0x61]), Craft.Publish(version, [0x61]), Scene.Ack(MqttPacketType.PubRel, 1), [0xF0, 0]];
        foreach (var bytes in first)
        {
            var peer = await scene.OpenAsync();
            await peer.SendAsync(bytes);
            Assert.True(await peer.IsClosedAsync());
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.0-2] 5.0 [MQTT-3.1.0-2] A second CONNECT closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Second_CONNECT(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.IsRefusedAsync(Craft.Connect(version, 2, Craft.Text("other")), MqttReasonCode.ProtocolError);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-1] 5.0 [MQTT-3.1.2-1] A protocol name other than MQTT is refused")]
    [ClassData(typeof(BothVersions))]
    public async Task Protocol_name(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        foreach (var name in new[] { "mqtt", "MQTX", "MQT", "MQTTT", "" })
        {
            var peer = await scene.OpenAsync();
            await peer.SendAsync(Craft.Packet(0x10, Craft.Text(name), [(byte)version, 2, 0, 0], Craft.Properties(version), Craft.Text("a")));
            Assert.True(await peer.IsClosedAsync());
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-2] 5.0 [MQTT-3.1.2-2] An unknown protocol level is answered with 0x01 or 0x84 and the connection closes")]
    [InlineData(3, new byte[] { 0x20, 2, 0, 1 })]
    [InlineData(0x84, new byte[] { 0x20 })]
    [InlineData(6, new byte[] { 0x20 })]
    public async Task Protocol_level(byte level, byte[] answer)
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var peer = await scene.OpenAsync();
        await peer.SendAsync(Craft.Packet(0x10, Craft.Text("MQTT"), [level, 2, 0, 0], Craft.Text("a")));
        var bytes = await peer.ReadPacketAsync("CONNACK");
        Assert.Equal(answer, bytes[..answer.Length]);
        Assert.True(bytes[3] is 1 or 0x84);
        Assert.True(await peer.IsClosedAsync());
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-3][MQTT-3.1.4-1] 5.0 [MQTT-3.1.2-3][MQTT-3.1.4-1] The reserved connect flag must be 0")]
    [ClassData(typeof(BothVersions))]
    public async Task Reserved_flag(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.ConnectIsRefusedAsync(Craft.Connect(version, 3, Craft.Text("a")), MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-9] 5.0 [MQTT-3.1.2-9] A will flag without the fields of a will is malformed")]
    [ClassData(typeof(BothVersions))]
    public async Task Will_flag_without_will(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.ConnectIsRefusedAsync(Craft.Connect(version, 2 | Will, Craft.Text("a")), MqttReasonCode.MalformedPacket);
        await scene.ConnectIsRefusedAsync(Craft.Connect(version, 2 | Will, Craft.Text("a"), Craft.Properties(version), Craft.Text("t")), MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-11][MQTT-3.1.2-13][MQTT-3.1.2-15] 5.0 [MQTT-3.1.2-11][MQTT-3.1.2-13] Without a will flag there is no will QoS, no will retain and no will")]
    [ClassData(typeof(BothVersions))]
    public async Task Will_fields_without_flag(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.ConnectIsRefusedAsync(Craft.Connect(version, 2 | WillQoS1, Craft.Text("a")), MqttReasonCode.MalformedPacket);
        await scene.ConnectIsRefusedAsync(Craft.Connect(version, 2 | WillRetain, Craft.Text("a")), MqttReasonCode.MalformedPacket);
        await scene.ConnectIsRefusedAsync(Craft.Connect(version, 2, Craft.Text("a"), Craft.Properties(version), Craft.Text("t"), Craft.Text("p")), MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-14] 5.0 [MQTT-3.1.2-12] The will QoS is not 3")]
    [ClassData(typeof(BothVersions))]
    public async Task Will_QoS_3(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.ConnectIsRefusedAsync(
            Craft.Connect(version, 2 | Will | WillQoS3, Craft.Text("a"), Craft.Properties(version), Craft.Text("t"), Craft.Text("p")), MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.2-18][MQTT-3.1.2-19][MQTT-3.1.2-20][MQTT-3.1.2-21] 5.0 [MQTT-3.1.2-16][MQTT-3.1.2-17][MQTT-3.1.2-18][MQTT-3.1.2-19] User name and password are there exactly when their flags say so")]
    [ClassData(typeof(BothVersions))]
    public async Task Credentials_and_flags(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        await scene.ConnectIsRefusedAsync(Craft.Connect(version, 2, Craft.Text("a"), Craft.Text("user")), MqttReasonCode.MalformedPacket);
        await scene.ConnectIsRefusedAsync(Craft.Connect(version, 2 | UserName, Craft.Text("a")), MqttReasonCode.MalformedPacket);
        await scene.ConnectIsRefusedAsync(Craft.Connect(version, 2 | UserName, Craft.Text("a"), Craft.Text("user"), Craft.Text("secret")), MqttReasonCode.MalformedPacket);
        await scene.ConnectIsRefusedAsync(Craft.Connect(version, 2 | UserName | Password, Craft.Text("a"), Craft.Text("user")), MqttReasonCode.MalformedPacket);
    }

    [Fact(DisplayName = "3.1.1 [MQTT-3.1.2-22] A password needs a user name")]
    public async Task Password_without_user_name()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V311);
        await scene.ConnectIsRefusedAsync(Craft.Connect(scene.Version, 2 | Password, Craft.Text("a"), Craft.Text("secret")), MqttReasonCode.MalformedPacket);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.3-1][MQTT-3.1.3-3] 5.0 [MQTT-3.1.3-1][MQTT-3.1.3-3] The payload is read in the order client identifier, will, user name, password")]
    [ClassData(typeof(BothVersions))]
    public async Task Order_of_the_payload(MqttProtocolVersion version)
    {
        var seen = new RecordingAuthorizer();
        await using var scene = await Scene.StartAsync(version, authorizer: seen);
        var watcher = await scene.SubscriberAsync("#");
        var peer = await scene.OpenAsync();
        await peer.SendAsync(Craft.Connect(
            version, 2 | Will | UserName | Password,
            Craft.Text("id"), Craft.Properties(version), Craft.Text("topic"), Craft.Text("payload"), Craft.Text("user"), Craft.Text("secret")));
        Assert.Equal(MqttReasonCode.Success, (await scene.ReadConnAckAsync(peer)).ReasonCode);
        var request = Assert.Single(seen.Requests, r => r.ClientId == "id");
        Assert.Equal("user", request.UserName);
        Assert.Equal("secret"u8.ToArray(), request.Password);
        await scene.CutAsync(peer);
        var will = await scene.ReadPublishAsync(watcher);
        Assert.Equal(("topic", "payload"), (will.Topic, will.Payload));
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.3-4][MQTT-3.1.3-10][MQTT-3.1.3-11] 5.0 [MQTT-3.1.3-4][MQTT-3.1.3-11][MQTT-3.1.3-12] Client identifier, will topic and user name are well-formed UTF-8")]
    [ClassData(typeof(BothVersions))]
    public async Task Strings_of_the_payload(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        foreach (var bad in new byte[][] { [0xFF], [0xED, 0xA0, 0x80], [0x61, 0] })
        {
            await scene.ConnectIsRefusedAsync(Craft.Connect(version, 2, Craft.Text(bad)), MqttReasonCode.MalformedPacket);
            await scene.ConnectIsRefusedAsync(Craft.Connect(version, 2 | UserName, Craft.Text("a"), Craft.Text(bad)), MqttReasonCode.MalformedPacket);
            await scene.ConnectIsRefusedAsync(
                Craft.Connect(version, 2 | Will, Craft.Text("a"), Craft.Properties(version), Craft.Text(bad), Craft.Text("p")), MqttReasonCode.MalformedPacket);
        }
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.3-5] 5.0 [MQTT-3.1.3-5] Identifiers of 1 to 23 letters and digits are accepted")]
    [ClassData(typeof(BothVersions))]
    public async Task Identifiers_that_every_server_takes(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        foreach (var id in new[] { "a", "0123456789abcdefghijklm", "NOPQRSTUVWXYZnopqrstuvw", "ABCDEFGHIJKLMxyz" }) await Scene.IsAliveAsync(await scene.ConnectAsync(id));
    }

    [Theory(DisplayName = "3.1.1 [MQTT-3.1.3-6] 5.0 [MQTT-3.1.3-6][MQTT-3.1.3-7][MQTT-3.2.2-16] An empty identifier gets a unique one, which 5.0 tells the client")]
    [ClassData(typeof(BothVersions))]
    public async Task Empty_identifier(MqttProtocolVersion version)
    {
        await using var scene = await Scene.StartAsync(version);
        var (first, one) = await scene.TryConnectAsync("");
        var (second, two) = await scene.TryConnectAsync("");
        await Scene.IsAliveAsync(first);
        await Scene.IsAliveAsync(second);
        Assert.Equal(2, scene.Host.Broker.SessionCount);
        if (!scene.V5) return;
        Assert.False(string.IsNullOrEmpty(one.Properties!.AssignedClientIdentifier));
        Assert.NotEqual(one.Properties.AssignedClientIdentifier, two.Properties!.AssignedClientIdentifier);

        // It is as if the client had sent it: who connects with it takes the session over.
        await scene.ConnectAsync(one.Properties.AssignedClientIdentifier!);
        await scene.IsClosedAsync(first, MqttReasonCode.SessionTakenOver);
    }

    [Fact(DisplayName = "3.1.1 [MQTT-3.1.3-7][MQTT-3.1.3-8][MQTT-3.1.3-9][MQTT-3.2.2-5] An empty identifier without a clean session is refused with 0x02 and the connection closes")]
    public async Task Empty_identifier_needs_a_clean_session()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V311);
        var peer = await scene.OpenAsync();
        await peer.SendAsync(Craft.Connect(scene.Version, 0, Craft.Text("")));
        Assert.Equal([0x20, 2, 0, 2], await peer.ReadPacketAsync("CONNACK"));
        Assert.True(await peer.IsClosedAsync());
    }

    [Fact(DisplayName = "5.0 [MQTT-3.1.3-8] An identifier that the server does not take is refused with 0x85 and the connection closes")]
    public async Task Identifier_too_long()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        var (peer, answer) = await scene.TryConnectAsync(new string('x', scene.Host.Broker.Limits.MaxClientIdLength + 1));
        Assert.Equal(MqttReasonCode.ClientIdentifierNotValid, answer.ReasonCode);
        Assert.True(await peer.IsClosedAsync());
    }

    [Fact(DisplayName = "5.0 [MQTT-3.1.4-1] A CONNECT with a property twice, in the wrong place or out of range is refused, with its reason")]
    public async Task Properties_of_CONNECT()
    {
        await using var scene = await Scene.StartAsync(MqttProtocolVersion.V500);
        byte[] With(params byte[] properties) => Craft.Packet(0x10, Craft.Text("MQTT"), [5, 2, 0, 0], Craft.Properties(scene.Version, properties), Craft.Text("a"));
        await scene.ConnectIsRefusedAsync(With(0x21, 0, 0), MqttReasonCode.ProtocolError);
        await scene.ConnectIsRefusedAsync(With(0x27, 0, 0, 0, 0), MqttReasonCode.ProtocolError);
        await scene.ConnectIsRefusedAsync(With(0x11, 0, 0, 0, 1, 0x11, 0, 0, 0, 1), MqttReasonCode.ProtocolError);
        await scene.ConnectIsRefusedAsync(With(0x17, 2), MqttReasonCode.ProtocolError);
        await scene.ConnectIsRefusedAsync(With(0x19, 2), MqttReasonCode.ProtocolError);
        await scene.ConnectIsRefusedAsync(With(0x16, 0, 1, 1), MqttReasonCode.ProtocolError);
        await scene.ConnectIsRefusedAsync(With(0x23, 0, 1), MqttReasonCode.ProtocolError);
        await scene.ConnectIsRefusedAsync(With(0x7F), MqttReasonCode.MalformedPacket);
        await scene.ConnectIsRefusedAsync(With(0x21, 0), MqttReasonCode.MalformedPacket);
    }
}
