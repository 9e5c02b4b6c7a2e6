using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>
/// CONNECT (§3.1). Wire layout after the fixed header (flags 0000):
/// <code>
/// 00 04 'M' 'Q' 'T' 'T' | level (4 or 5) | flags: user name, password, will retain, will QoS (2 bits), will, clean start, reserved 0
/// keep-alive (2) | v5: properties | client id | v5 if will: will properties | if will: topic, payload | user name? | password?
/// </code>
/// </summary>
public sealed record ConnectPacket
{
    public MqttProtocolVersion Version { get; init; } = MqttProtocolVersion.V500;

    /// <summary>Empty asks the server to assign one.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>Clean start (v5) or clean session (3.1.1).</summary>
    public bool CleanStart { get; init; } = true;

    /// <summary>Seconds; 0 switches the keep-alive off.</summary>
    public ushort KeepAlive { get; init; }

    public string? UserName { get; init; }

    public byte[]? Password { get; init; }

    public MqttWill? Will { get; init; }

    /// <summary>v5 only.</summary>
    public MqttProperties? Properties { get; init; }

    /// <summary>Parses a CONNECT.</summary>
    /// <param name="version">The version as far as it could be read, so that a refusal can be written in the peer's own version.</param>
    public static bool TryParse(
        byte flags, ReadOnlySpan<byte> body, out MqttProtocolVersion version, out ConnectPacket? packet, out MqttViolation? violation)
    {
        packet = null;
        version = MqttProtocolVersion.Unknown;
        var reader = PacketFlags.Open(MqttPacketType.Connect, flags, body);
        var name = reader.ReadUtf8("protocol name");
        if (reader.Violation is null && !name.SequenceEqual("MQTT"u8))
        {
            // MQIsdp is MQTT 3.1, which gets the answer that its level deserves; anything else is not MQTT.
            reader.Fail(name.SequenceEqual("MQIsdp"u8)
                ? new(MqttReasonCode.UnsupportedProtocolVersion, "MQTT 3.1 is not supported; use 3.1.1 or 5.0.", "MQTT-3.1.2-2")
                : MqttViolation.Protocol("The protocol name is not MQTT.", "MQTT-3.1.2-1"));
        }

        var level = reader.ReadByte("protocol version");
        if (reader.Violation is null && level is not (4 or 5))
        {
            if (level > 5) version = MqttProtocolVersion.V500;
            reader.Fail(new(MqttReasonCode.UnsupportedProtocolVersion, $"Protocol version {level} is not supported; use 4 (3.1.1) or 5 (5.0).", "MQTT-3.1.2-2"));
        }

        if (reader.Violation is null) version = (MqttProtocolVersion)level;
        packet = ReadAfterVersion(ref reader, version);
        violation = reader.Finish("CONNECT") ? null : reader.Violation;
        if (violation is null) return true;
        packet = null;
        return false;
    }

    private static ConnectPacket ReadAfterVersion(ref PacketReader reader, MqttProtocolVersion version)
    {
        var connectFlags = reader.ReadByte("connect flags");
        var hasWill = (connectFlags & 4) != 0;
        var willQoS = (connectFlags >> 3) & 3;
        var willRetain = (connectFlags & 32) != 0;
        var hasPassword = (connectFlags & 64) != 0;
        var hasUserName = (connectFlags & 128) != 0;
        if ((connectFlags & 1) != 0) reader.Fail(MqttViolation.Malformed("The reserved connect flag is set.", "MQTT-3.1.2-3"));
        if (willQoS == 3) reader.Fail(MqttViolation.Malformed("The will QoS is 3.", "MQTT-3.1.2-12"));
        if (!hasWill && willQoS != 0) reader.Fail(MqttViolation.Malformed("A will QoS without a will.", "MQTT-3.1.2-11"));
        if (!hasWill && willRetain) reader.Fail(MqttViolation.Malformed("Will retain without a will.", "MQTT-3.1.2-13"));
        if (version == MqttProtocolVersion.V311 && hasPassword && !hasUserName)
        {
            reader.Fail(MqttViolation.Malformed("A password without a user name.", "MQTT 3.1.1 MQTT-3.1.2-22"));
        }

        var keepAlive = reader.ReadUInt16("keep alive");
        var v5 = version == MqttProtocolVersion.V500;
        var properties = v5 ? MqttProperties.Read(ref reader, PropertyScopes.Connect) : null;
        var clientId = reader.ReadString("client identifier");
        return new()
        {
            Version = version,
            CleanStart = (connectFlags & 2) != 0,
            KeepAlive = keepAlive,
            Properties = properties,
            ClientId = clientId,
            Will = hasWill ? ReadWill(ref reader, (MqttQoS)willQoS, willRetain, v5) : null,
            UserName = hasUserName ? reader.ReadString("user name") : null,
            Password = hasPassword ? reader.ReadBinary("password").ToArray() : null,
        };
    }

    private static MqttWill ReadWill(ref PacketReader reader, MqttQoS qos, bool retain, bool v5)
    {
        var properties = v5 ? MqttProperties.Read(ref reader, PropertyScopes.Will) : null;
        var topic = reader.ReadUtf8("will topic");
        if (reader.Violation is null && MqttTopic.CheckName(topic) is { } wrong) reader.Fail(wrong);
        var payload = reader.ReadBinary("will payload").ToArray();
        return new(System.Text.Encoding.UTF8.GetString(topic), payload, qos, retain) { Properties = properties };
    }

    /// <summary>Writes the packet.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var properties = PropertySection.Encode(Properties);
        var willProperties = PropertySection.Encode(Will?.Properties);
        var size = 10 + PropertySection.Size(Version, properties.Length) + PacketWriter.Utf8Size(ClientId);
        if (Will is not null) size += PropertySection.Size(Version, willProperties.Length) + PacketWriter.Utf8Size(Will.Topic) + 2 + Will.Payload.Length;
        if (UserName is not null) size += PacketWriter.Utf8Size(UserName);
        if (Password is not null) size += 2 + Password.Length;
        var writer = PacketWriter.Begin(output, MqttPacketType.Connect, 0, size);
        writer.Binary("MQTT"u8);
        writer.Byte((byte)Version);
        var flags = (CleanStart ? 2 : 0) | (Password is null ? 0 : 64) | (UserName is null ? 0 : 128);
        if (Will is not null) flags |= 4 | ((int)Will.QoS << 3) | (Will.Retain ? 32 : 0);
        writer.Byte((byte)flags);
        writer.UInt16(KeepAlive);
        PropertySection.Write(ref writer, Version, properties);
        writer.Utf8(ClientId);
        if (Will is not null)
        {
            PropertySection.Write(ref writer, Version, willProperties);
            writer.Utf8(Will.Topic);
            writer.Binary(Will.Payload);
        }

        if (UserName is not null) writer.Utf8(UserName);
        if (Password is not null) writer.Binary(Password);
        writer.End();
    }
}
