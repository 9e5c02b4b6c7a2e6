using System.Text;

namespace SmartCity.Mqtt.Tests;

/// <summary>Every packet of both versions: written, and read whole, byte by byte, split anywhere and truncated anywhere.</summary>
public sealed class RoundTripTests
{
    public static TheoryData<MqttProtocolVersion> Versions => [MqttProtocolVersion.V311, MqttProtocolVersion.V500];

    [Theory]
    [MemberData(nameof(Versions))]
    public void CONNECT_with_everything(MqttProtocolVersion version)
    {
        var v5 = version == MqttProtocolVersion.V500;
        var packet = new ConnectPacket
        {
            Version = version,
            ClientId = "thiết-bị",
            CleanStart = false,
            KeepAlive = 300,
            UserName = "ü",
            Password = [0, 1, 2],
            Will = new("will/topic", [9, 8], MqttQoS.ExactlyOnce, true)
            {
                Properties = v5 ? new() { WillDelayInterval = 5, ContentType = "x", ResponseTopic = "r", CorrelationData = [1], MessageExpiryInterval = 9, PayloadFormatIndicator = false } : null,
            },
            Properties = v5 ? new()
            {
                SessionExpiryInterval = 10,
                ReceiveMaximum = 20,
                MaximumPacketSize = 30,
                TopicAliasMaximum = 40,
                RequestProblemInformation = true,
                RequestResponseInformation = false,
                UserProperties = [new("a", "b"), new("a", "")],
                AuthenticationMethod = "m",
                AuthenticationData = [],
            } : null,
        };
        var read = Wire.Read(Wire.Bytes(packet.Write), MqttPacketType.Connect, version, (byte f, ReadOnlySpan<byte> b, out ConnectPacket? p, out MqttViolation? v) =>
            ConnectPacket.TryParse(f, b, out _, out p, out v));
        Assert.Equivalent(packet, read, strict: true);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void CONNECT_with_nothing(MqttProtocolVersion version)
    {
        var packet = new ConnectPacket { Version = version };
        var bytes = Wire.Bytes(packet.Write);
        Assert.Equal(version == MqttProtocolVersion.V500 ? [0x10, 13, 0, 4, 77, 81, 84, 84, 5, 2, 0, 0, 0, 0, 0] : [0x10, 12, 0, 4, 77, 81, 84, 84, 4, 2, 0, 0, 0, 0], bytes);
        var read = Wire.Read(bytes, MqttPacketType.Connect, version, (byte f, ReadOnlySpan<byte> b, out ConnectPacket? p, out MqttViolation? v) =>
            ConnectPacket.TryParse(f, b, out _, out p, out v));
        Assert.Equivalent(packet, read, strict: true);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void CONNACK(MqttProtocolVersion version)
    {
        var packet = new ConnAckPacket
        {
            SessionPresent = true,
            Properties = version == MqttProtocolVersion.V311 ? null : new()
            {
                AssignedClientIdentifier = "id",
                ServerKeepAlive = 1,
                ResponseInformation = "ri",
                ServerReference = "sr",
                ReasonString = "rs",
                MaximumQoS = true,
                RetainAvailable = false,
                WildcardSubscriptionAvailable = true,
                SubscriptionIdentifierAvailable = true,
                SharedSubscriptionAvailable = false,
                SessionExpiryInterval = uint.MaxValue,
                ReceiveMaximum = 1,
                TopicAliasMaximum = 0,
                MaximumPacketSize = 1,
            },
        };
        var read = Wire.Read(Wire.Bytes(w => packet.Write(w, version)), MqttPacketType.ConnAck, version, (byte f, ReadOnlySpan<byte> b, out ConnAckPacket? p, out MqttViolation? v) =>
            ConnAckPacket.TryParse(f, b, version, out p, out v));
        Assert.Equivalent(packet, read, strict: true);
    }

    [Theory]
    [InlineData(MqttReasonCode.UnsupportedProtocolVersion, 1)]
    [InlineData(MqttReasonCode.ClientIdentifierNotValid, 2)]
    [InlineData(MqttReasonCode.ServerBusy, 3)]
    [InlineData(MqttReasonCode.BadUserNameOrPassword, 4)]
    [InlineData(MqttReasonCode.NotAuthorized, 5)]
    public void CONNACK_refusals_use_the_return_codes_of_3_1_1(MqttReasonCode reason, byte code) =>
        Assert.Equal([0x20, 2, 0, code], Wire.Bytes(w => new ConnAckPacket { ReasonCode = reason }.Write(w, MqttProtocolVersion.V311)));

    [Theory]
    [InlineData(MqttProtocolVersion.V311, MqttQoS.AtMostOnce, 0)]
    [InlineData(MqttProtocolVersion.V311, MqttQoS.ExactlyOnce, 300)]
    [InlineData(MqttProtocolVersion.V500, MqttQoS.AtMostOnce, 5)]
    [InlineData(MqttProtocolVersion.V500, MqttQoS.AtLeastOnce, 3000)]
    public void PUBLISH(MqttProtocolVersion version, MqttQoS qos, int size)
    {
        var payload = new byte[size];
        Random.Shared.NextBytes(payload);
        var properties = new MqttProperties { TopicAlias = 7, UserProperties = [new("k", "v")], SubscriptionIdentifiers = [1, 268_435_455] };
        var encoded = version == MqttProtocolVersion.V500 ? PropertySection.Encode(properties) : [];
        var bytes = Wire.Bytes(w => PublishPacket.Write(w, version, "đường/1"u8, encoded, payload, qos, true, qos > 0, (ushort)(qos > 0 ? 515 : 0)));
        Assert.Equal(bytes.Length, PublishPacket.Size(version, qos, "đường/1"u8.Length, encoded.Length, size));
        var read = Wire.Read(bytes, MqttPacketType.Publish, version, (byte f, ReadOnlySpan<byte> b, out Copied? p, out MqttViolation? v) =>
        {
            var ok = PublishPacket.TryParse(f, b, version, out var packet, out v);
            p = ok ? Copied.Of(packet) : null;
            return ok;
        });
        Assert.Equal(("đường/1", qos, true, qos > 0, (ushort)(qos > 0 ? 515 : 0)), (read.Topic, read.QoS, read.Retain, read.Duplicate, read.PacketId));
        Assert.Equal(payload, read.Payload);
        Assert.Equal(version == MqttProtocolVersion.V500 ? 7 : 0, read.TopicAlias);
        Assert.Equal(encoded, read.Properties);
        if (version == MqttProtocolVersion.V500) Assert.Equivalent(properties, MqttProperties.FromValidated(read.Properties, PropertyScopes.Publish), strict: true);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void PUBACK_PUBREC_PUBREL_and_PUBCOMP(MqttProtocolVersion version)
    {
        var reason = version == MqttProtocolVersion.V500 ? MqttReasonCode.PacketIdentifierNotFound : MqttReasonCode.Success;
        var refused = version == MqttProtocolVersion.V500 ? MqttReasonCode.QuotaExceeded : MqttReasonCode.Success;
        Assert.Equal(new PubAckPacket(9, refused), Wire.Read(Wire.Bytes(w => new PubAckPacket(9, refused).Write(w, version)), MqttPacketType.PubAck, version,
            (byte f, ReadOnlySpan<byte> b, out PubAckPacket p, out MqttViolation? v) => PubAckPacket.TryParse(f, b, version, out p, out v)));
        Assert.Equal(new PubRecPacket(9, refused), Wire.Read(Wire.Bytes(w => new PubRecPacket(9, refused).Write(w, version)), MqttPacketType.PubRec, version,
            (byte f, ReadOnlySpan<byte> b, out PubRecPacket p, out MqttViolation? v) => PubRecPacket.TryParse(f, b, version, out p, out v)));
        Assert.Equal(new PubRelPacket(9, reason), Wire.Read(Wire.Bytes(w => new PubRelPacket(9, reason).Write(w, version)), MqttPacketType.PubRel, version,
            (byte f, ReadOnlySpan<byte> b, out PubRelPacket p, out MqttViolation? v) => PubRelPacket.TryParse(f, b, version, out p, out v)));
        Assert.Equal(new PubCompPacket(9, reason), Wire.Read(Wire.Bytes(w => new PubCompPacket(9, reason).Write(w, version)), MqttPacketType.PubComp, version,
            (byte f, ReadOnlySpan<byte> b, out PubCompPacket p, out MqttViolation? v) => PubCompPacket.TryParse(f, b, version, out p, out v)));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void SUBSCRIBE_and_SUBACK(MqttProtocolVersion version)
    {
        var v5 = version == MqttProtocolVersion.V500;
        var packet = new SubscribePacket(1, [new("a/+/#", MqttQoS.AtLeastOnce, v5, v5, (byte)(v5 ? 2 : 0)), new("$SYS/x", MqttQoS.ExactlyOnce)])
        {
            Properties = v5 ? new() { SubscriptionIdentifiers = [128] } : null,
        };
        var read = Wire.Read(Wire.Bytes(w => packet.Write(w, version)), MqttPacketType.Subscribe, version,
            (byte f, ReadOnlySpan<byte> b, out SubscribePacket? p, out MqttViolation? v) => SubscribePacket.TryParse(f, b, version, out p, out v));
        Assert.Equivalent(packet, read, strict: true);
        var ack = new SubAckPacket(1, [MqttReasonCode.GrantedQoS1, v5 ? MqttReasonCode.NotAuthorized : MqttReasonCode.UnspecifiedError]);
        var readAck = Wire.Read(Wire.Bytes(w => ack.Write(w, version)), MqttPacketType.SubAck, version,
            (byte f, ReadOnlySpan<byte> b, out SubAckPacket? p, out MqttViolation? v) => SubAckPacket.TryParse(f, b, version, out p, out v));
        Assert.Equivalent(ack, readAck, strict: true);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void UNSUBSCRIBE_and_UNSUBACK(MqttProtocolVersion version)
    {
        var packet = new UnsubscribePacket(2, ["a", "b/#"]);
        var read = Wire.Read(Wire.Bytes(w => packet.Write(w, version)), MqttPacketType.Unsubscribe, version,
            (byte f, ReadOnlySpan<byte> b, out UnsubscribePacket? p, out MqttViolation? v) => UnsubscribePacket.TryParse(f, b, version, out p, out v));
        Assert.Equivalent(packet, read, strict: true);
        var ack = new UnsubAckPacket(2, version == MqttProtocolVersion.V500 ? [MqttReasonCode.Success, MqttReasonCode.NoSubscriptionExisted] : []);
        var readAck = Wire.Read(Wire.Bytes(w => ack.Write(w, version)), MqttPacketType.UnsubAck, version,
            (byte f, ReadOnlySpan<byte> b, out UnsubAckPacket? p, out MqttViolation? v) => UnsubAckPacket.TryParse(f, b, version, out p, out v));
        Assert.Equivalent(ack, readAck, strict: true);
    }

    [Theory]
    [InlineData(MqttReasonCode.Success, null, 0)]
    [InlineData(MqttReasonCode.ServerBusy, null, 1)]
    [InlineData(MqttReasonCode.ServerBusy, "why", 8)]
    public void DISCONNECT_and_AUTH_leave_out_what_they_can(MqttReasonCode reason, string? why, int size)
    {
        var packet = new DisconnectPacket(reason) { Properties = why is null ? null : new() { ReasonString = why } };
        var bytes = Wire.Bytes(w => packet.Write(w, MqttProtocolVersion.V500));
        Assert.Equal(size, bytes[1]);
        var read = Wire.Read(bytes, MqttPacketType.Disconnect, MqttProtocolVersion.V500,
            (byte f, ReadOnlySpan<byte> b, out DisconnectPacket? p, out MqttViolation? v) => DisconnectPacket.TryParse(f, b, MqttProtocolVersion.V500, out p, out v));
        Assert.Equivalent(packet, read, strict: true);
        var auth = new AuthPacket(MqttReasonCode.ContinueAuthentication) { Properties = new() { AuthenticationMethod = "m", AuthenticationData = [1] } };
        Assert.Equivalent(auth, Wire.Read<AuthPacket>(Wire.Bytes(auth.Write), MqttPacketType.Auth, MqttProtocolVersion.V500, AuthPacket.TryParse), strict: true);
    }

    [Fact]
    public void PINGREQ_and_PINGRESP_are_two_bytes()
    {
        Assert.Equal([0xC0, 0], Wire.Bytes(PingReqPacket.Write));
        Assert.Equal([0xD0, 0], Wire.Bytes(PingRespPacket.Write));
        Assert.True(PingReqPacket.TryParse(0, default, out _));
        Assert.False(PingReqPacket.TryParse(1, default, out _));
        Assert.False(PingRespPacket.TryParse(0, [1], out _));
    }

    [Theory]
    [InlineData(0u, 1)]
    [InlineData(127u, 1)]
    [InlineData(128u, 2)]
    [InlineData(16_383u, 2)]
    [InlineData(16_384u, 3)]
    [InlineData(2_097_151u, 3)]
    [InlineData(2_097_152u, 4)]
    [InlineData(268_435_455u, 4)]
    public void MQTT_1_5_5_Variable_byte_integers_have_their_shortest_form(uint value, int size)
    {
        Span<byte> bytes = stackalloc byte[5];
        Assert.Equal(size, VarInt.Write(bytes, value));
        Assert.Equal(size, VarInt.Size(value));
        Assert.Equal(MqttParseStatus.Packet, VarInt.TryRead(bytes[..size], out var read, out var length));
        Assert.Equal((value, size), (read, length));
        for (var i = 0; i < size; i++) Assert.Equal(MqttParseStatus.NeedMore, VarInt.TryRead(bytes[..i], out _, out _));
    }

    /// <summary>A PUBLISH taken out of its buffer.</summary>
    private sealed record Copied(string Topic, byte[] Payload, byte[] Properties, MqttQoS QoS, bool Retain, bool Duplicate, ushort PacketId, ushort TopicAlias)
    {
        public static Copied Of(PublishPacket p) =>
            new(Encoding.UTF8.GetString(p.Topic), p.Payload.ToArray(), p.Properties.ToArray(), p.QoS, p.Retain, p.Duplicate, p.PacketId, p.TopicAlias);
    }
}
