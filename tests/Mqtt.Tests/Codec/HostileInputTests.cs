namespace SmartCity.Mqtt.Tests;

/// <summary>Bytes that no honest peer sends. Each is refused with the right code, by its clause, however it is cut into segments.</summary>
public sealed class HostileInputTests
{
    /// <summary>Clause, bytes in hex, version, expected reason code. One line per normative statement that a single packet can break.</summary>
    public static TheoryData<string, string, MqttProtocolVersion, MqttReasonCode> Violations => new()
    {
        { "MQTT 5.0 §2.1.2", "00 00", MqttProtocolVersion.V500, MqttReasonCode.MalformedPacket },
        { "MQTT-1.5.5-1", "30 FF FF FF FF 01", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-1.5.5-1", "30 83 00 00 01 61", MqttProtocolVersion.V500, MqttReasonCode.MalformedPacket },
        { "MQTT-3.2.2-15", "30 FF FF FF 7F", MqttProtocolVersion.V500, MqttReasonCode.PacketTooLarge },
        { "MQTT-3.3.1-4", "36 05 00 01 61 00 01", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-3.3.1-2", "38 03 00 01 61", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-2.2.1-3", "32 05 00 01 61 00 00", MqttProtocolVersion.V311, MqttReasonCode.ProtocolError },
        { "MQTT-4.7.3-1", "30 02 00 00", MqttProtocolVersion.V311, MqttReasonCode.TopicNameInvalid },
        { "MQTT-4.7.3-1", "30 03 00 00 00", MqttProtocolVersion.V500, MqttReasonCode.TopicNameInvalid },
        { "MQTT-3.3.2-2", "30 03 00 01 2B", MqttProtocolVersion.V311, MqttReasonCode.TopicNameInvalid },
        { "MQTT-3.3.2-2", "30 05 00 03 61 2F 23", MqttProtocolVersion.V311, MqttReasonCode.TopicNameInvalid },
        { "MQTT-1.5.4-2", "30 04 00 02 61 00", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-1.5.4-1", "30 05 00 03 ED A0 80", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-1.5.4-1", "30 04 00 02 C0 80", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT 5.0 §4.13", "30 02 00 05", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT 5.0 §4.13", "32 03 00 01 61", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT 5.0 §4.13", "30 04 00 01 61 05", MqttProtocolVersion.V500, MqttReasonCode.MalformedPacket },
        { "MQTT 5.0 §2.2.2.2", "30 06 00 01 61 02 7F 00", MqttProtocolVersion.V500, MqttReasonCode.MalformedPacket },
        { "MQTT 5.0 §2.2.2.2", "30 07 00 01 61 03 21 00 05", MqttProtocolVersion.V500, MqttReasonCode.ProtocolError },
        { "MQTT 5.0 §2.2.2.2", "30 06 00 01 61 02 01 02", MqttProtocolVersion.V500, MqttReasonCode.ProtocolError },
        { "MQTT 5.0 §2.2.2.2", "30 08 00 01 61 04 01 00 01 00", MqttProtocolVersion.V500, MqttReasonCode.ProtocolError },
        { "MQTT-3.3.2-8", "30 07 00 01 61 03 23 00 00", MqttProtocolVersion.V500, MqttReasonCode.TopicAliasInvalid },
        { "MQTT-3.3.2-14", "30 08 00 01 61 04 08 00 01 2B", MqttProtocolVersion.V500, MqttReasonCode.ProtocolError },
        { "MQTT-1.5.4-1", "30 09 00 01 61 05 03 00 02 FF FF", MqttProtocolVersion.V500, MqttReasonCode.MalformedPacket },
        { "MQTT-2.1.3-1", "42 02 00 01", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-2.2.1-3", "40 02 00 00", MqttProtocolVersion.V311, MqttReasonCode.ProtocolError },
        { "MQTT 5.0 §4.13", "40 03 00 01 00", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-3.4.2-1", "40 03 00 01 FF", MqttProtocolVersion.V500, MqttReasonCode.ProtocolError },
        { "MQTT-2.1.3-1", "60 02 00 01", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-2.1.3-1", "80 06 00 01 00 01 61 00", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-3.8.3-2", "82 02 00 01", MqttProtocolVersion.V311, MqttReasonCode.ProtocolError },
        { "MQTT-3.8.3-5", "82 06 00 01 00 01 61 03", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-3.8.3-5", "82 06 00 01 00 01 61 04", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-3.8.3-5", "82 07 00 01 00 00 01 61 C0", MqttProtocolVersion.V500, MqttReasonCode.MalformedPacket },
        { "MQTT 5.0 §3.8.3.1", "82 07 00 01 00 00 01 61 30", MqttProtocolVersion.V500, MqttReasonCode.ProtocolError },
        { "MQTT-3.8.3-4", "82 0F 00 01 00 00 09 24 73 68 61 72 65 2F 61 2F 04", MqttProtocolVersion.V500, MqttReasonCode.ProtocolError },
        { "MQTT 5.0 §3.1.2.11, §3.8.2.1.2", "82 09 00 01 02 0B 00 00 01 61 00", MqttProtocolVersion.V500, MqttReasonCode.ProtocolError },
        { "MQTT-4.7.1-1", "82 07 00 01 00 02 61 23 00", MqttProtocolVersion.V311, MqttReasonCode.TopicFilterInvalid },
        { "MQTT-4.7.1-1", "82 08 00 01 00 03 23 2F 61 00", MqttProtocolVersion.V311, MqttReasonCode.TopicFilterInvalid },
        { "MQTT-4.7.1-2", "82 07 00 01 00 02 61 2B 00", MqttProtocolVersion.V311, MqttReasonCode.TopicFilterInvalid },
        { "MQTT-3.10.3-2", "A2 02 00 01", MqttProtocolVersion.V311, MqttReasonCode.ProtocolError },
        { "MQTT 5.0 §4.13", "C0 01 00", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT 5.0 §4.13", "E0 01 00", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-3.14.2-1", "E0 01 02", MqttProtocolVersion.V500, MqttReasonCode.ProtocolError },
        { "MQTT-3.1.2-1", "10 0C 00 04 4D 51 54 58 04 02 00 00 00 00", MqttProtocolVersion.V311, MqttReasonCode.ProtocolError },
        { "MQTT-3.1.2-2", "10 0C 00 04 4D 51 54 54 03 02 00 00 00 00", MqttProtocolVersion.V311, MqttReasonCode.UnsupportedProtocolVersion },
        { "MQTT-3.1.2-2", "10 0E 00 06 4D 51 49 73 64 70 03 02 00 00 00 00", MqttProtocolVersion.V311, MqttReasonCode.UnsupportedProtocolVersion },
        { "MQTT-3.1.2-3", "10 0C 00 04 4D 51 54 54 04 03 00 00 00 00", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-3.1.2-11", "10 0C 00 04 4D 51 54 54 04 0A 00 00 00 00", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-3.1.2-12", "10 12 00 04 4D 51 54 54 04 1E 00 00 00 00 00 01 61 00 00 00", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-3.1.2-13", "10 0C 00 04 4D 51 54 54 04 22 00 00 00 00", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT 3.1.1 MQTT-3.1.2-22", "10 0E 00 04 4D 51 54 54 04 42 00 00 00 00 00 00", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT 5.0 §4.13", "10 0D 00 04 4D 51 54 54 04 02 00 00 00 00 00", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT 5.0 §3.1.2.11, §3.8.2.1.2", "10 10 00 04 4D 51 54 54 05 02 00 00 03 21 00 00 00 00", MqttProtocolVersion.V500, MqttReasonCode.ProtocolError },
        { "MQTT 5.0 §3.1.2.11.10", "10 10 00 04 4D 51 54 54 05 02 00 00 03 16 00 00 00 00", MqttProtocolVersion.V500, MqttReasonCode.ProtocolError },
        { "MQTT-3.2.2-1", "20 02 02 00", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
        { "MQTT-3.2.2-6", "20 02 01 05", MqttProtocolVersion.V311, MqttReasonCode.ProtocolError },
        { "MQTT-3.9.3-2", "90 03 00 01 03", MqttProtocolVersion.V311, MqttReasonCode.MalformedPacket },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void Is_refused_by_its_clause(string clause, string hex, MqttProtocolVersion version, MqttReasonCode reason)
    {
        var violation = Wire.Violation<object>(Hex(hex), version, Parser(Hex(hex)[0], version));
        Assert.Equal((clause, reason), (violation.Clause, violation.ReasonCode));
    }

    [Fact]
    public void MQTT_3_2_2_15_A_declared_length_over_the_limit_is_refused_before_the_body_comes()
    {
        Assert.Equal(MqttParseStatus.Violation, Wire.Frame(new(Hex("30 80 08")), MqttProtocolVersion.V311, out var violation, limit: 1000));
        Assert.Contains("MaxPacketSize", violation!.Message, StringComparison.Ordinal);
        Assert.Equal(MqttParseStatus.NeedMore, Wire.Frame(new(Hex("30 80 07")), MqttProtocolVersion.V311, out _, limit: 1000));
    }

    [Fact]
    public void MQTT_3_1_1_allows_a_remaining_length_that_is_not_the_shortest() =>
        Assert.Equal(MqttParseStatus.Packet, Wire.Frame(new(Hex("C0 80 00")), MqttProtocolVersion.V311, out _));

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public void Random_bytes_never_throw_and_never_read_outside(MqttProtocolVersion version)
    {
        var random = new Random(1);
        for (var round = 0; round < 200_000; round++)
        {
            var bytes = new byte[random.Next(1, 40)];
            random.NextBytes(bytes);
            if (bytes.Length > 1) bytes[1] = (byte)(bytes.Length - 2);
            using var frames = new FrameReader(new(bytes), Wire.Limit, version);
            while (frames.TryRead(out var header, out var body, out _) == MqttParseStatus.Packet) Parser(header, version)((byte)(header & 15), body, out _, out _);
        }
    }

    /// <summary>Valid packets with one changed byte: the nearest neighbours of what is right.</summary>
    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public void Every_one_byte_change_of_valid_packets_is_a_packet_or_a_violation(MqttProtocolVersion version)
    {
        byte[][] packets =
        [
            Wire.Bytes(new ConnectPacket { Version = version, ClientId = "ab", UserName = "u", Password = [1], Will = new("w", [1], MqttQoS.AtLeastOnce, true) }.Write),
            Wire.Bytes(w => PublishPacket.Write(w, version, "a/b"u8, version == MqttProtocolVersion.V500 ? PropertySection.Encode(new() { ContentType = "x", TopicAlias = 1 }) : [], "xy"u8, MqttQoS.AtLeastOnce, false, false, 5)),
            Wire.Bytes(w => new SubscribePacket(1, [new("a/+", MqttQoS.AtLeastOnce), new("#", MqttQoS.AtMostOnce)]).Write(w, version)),
            Wire.Bytes(w => new UnsubscribePacket(1, ["a/+", "#"]).Write(w, version)),
            Wire.Bytes(w => new DisconnectPacket(MqttReasonCode.ServerBusy) { Properties = new() { ReasonString = "x" } }.Write(w, version)),
        ];
        foreach (var packet in packets)
        {
            for (var at = 0; at < packet.Length; at++)
            {
                for (var value = 0; value < 256; value++)
                {
                    var changed = (byte[])packet.Clone();
                    changed[at] = (byte)value;
                    using var frames = new FrameReader(Wire.Split(changed, 3), Wire.Limit, version);
                    if (frames.TryRead(out var header, out var body, out var violation) != MqttParseStatus.Packet) continue;
                    var ok = Parser(header, version)((byte)(header & 15), body, out _, out violation);
                    Assert.Equal(ok, violation is null);
                }
            }
        }
    }

    private static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>The parser of a packet type, its packet as an object.</summary>
    internal static Wire.Parse<object> Parser(byte header, MqttProtocolVersion version) => (MqttPacketType)(header >> 4) switch
    {
        MqttPacketType.Connect => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(ConnectPacket.TryParse(f, b, out _, out var q, out v), q, out p),
        MqttPacketType.ConnAck => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(ConnAckPacket.TryParse(f, b, version, out var q, out v), q, out p),
        MqttPacketType.Publish => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(PublishPacket.TryParse(f, b, version, out _, out v), "", out p),
        MqttPacketType.PubAck => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(PubAckPacket.TryParse(f, b, version, out var q, out v), q, out p),
        MqttPacketType.PubRec => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(PubRecPacket.TryParse(f, b, version, out var q, out v), q, out p),
        MqttPacketType.PubRel => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(PubRelPacket.TryParse(f, b, version, out var q, out v), q, out p),
        MqttPacketType.PubComp => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(PubCompPacket.TryParse(f, b, version, out var q, out v), q, out p),
        MqttPacketType.Subscribe => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(SubscribePacket.TryParse(f, b, version, out var q, out v), q, out p),
        MqttPacketType.SubAck => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(SubAckPacket.TryParse(f, b, version, out var q, out v), q, out p),
        MqttPacketType.Unsubscribe => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(UnsubscribePacket.TryParse(f, b, version, out var q, out v), q, out p),
        MqttPacketType.UnsubAck => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(UnsubAckPacket.TryParse(f, b, version, out var q, out v), q, out p),
        MqttPacketType.PingReq => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(PingReqPacket.TryParse(f, b, out v), "", out p),
        MqttPacketType.PingResp => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(PingRespPacket.TryParse(f, b, out v), "", out p),
        MqttPacketType.Disconnect => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(DisconnectPacket.TryParse(f, b, version, out var q, out v), q, out p),
        _ => (byte f, ReadOnlySpan<byte> b, out object? p, out MqttViolation? v) => Box(AuthPacket.TryParse(f, b, out var q, out v), q, out p),
    };

    private static bool Box(bool ok, object? packet, out object? boxed)
    {
        boxed = packet;
        return ok;
    }
}
