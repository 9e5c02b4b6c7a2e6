using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>
/// CONNACK (§3.2), flags 0000: <code>acknowledge flags: 0000000, session present | reason code | v5: properties</code>
/// 3.1.1 has its own six return codes; they are mapped to the v5 reason codes when reading and back when writing.
/// </summary>
public sealed record ConnAckPacket
{
    public bool SessionPresent { get; init; }

    public MqttReasonCode ReasonCode { get; init; }

    /// <summary>v5 only.</summary>
    public MqttProperties? Properties { get; init; }

    public static bool TryParse(
        byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version, out ConnAckPacket? packet, out MqttViolation? violation)
    {
        var reader = PacketFlags.Open(MqttPacketType.ConnAck, flags, body);
        var acknowledge = reader.ReadByte("acknowledge flags");
        if (acknowledge > 1) reader.Fail(MqttViolation.Malformed("Reserved acknowledge flags are set.", "MQTT-3.2.2-1"));
        var code = reader.ReadByte("reason code");
        if (version == MqttProtocolVersion.V311 && code > 5) reader.Fail(MqttViolation.Malformed($"Return code {code} does not exist in MQTT 3.1.1.", "MQTT 3.1.1 §3.2.2.3"));
        if (code != 0 && acknowledge == 1) reader.Fail(MqttViolation.Protocol("A refusal says that a session is present.", "MQTT-3.2.2-6"));
        packet = new()
        {
            SessionPresent = acknowledge == 1,
            ReasonCode = version == MqttProtocolVersion.V311 ? FromReturnCode(code) : (MqttReasonCode)code,

            // A v5 client that meets a 3.1.1-only server gets a CONNACK of two bytes.
            Properties = version == MqttProtocolVersion.V500 && !reader.IsEmpty ? MqttProperties.Read(ref reader, PropertyScopes.ConnAck) : null,
        };
        violation = reader.Finish("CONNACK") ? null : reader.Violation;
        if (violation is null) return true;
        packet = null;
        return false;
    }

    /// <summary>Writes the packet in the form of the version.</summary>
    public void Write(IBufferWriter<byte> output, MqttProtocolVersion version)
    {
        var properties = PropertySection.Encode(Properties);
        var writer = PacketWriter.Begin(output, MqttPacketType.ConnAck, 0, 2 + PropertySection.Size(version, properties.Length));
        writer.Boolean(SessionPresent);
        writer.Byte(version == MqttProtocolVersion.V500 ? (byte)ReasonCode : ToReturnCode(ReasonCode));
        PropertySection.Write(ref writer, version, properties);
        writer.End();
    }

    private static MqttReasonCode FromReturnCode(byte code) => code switch
    {
        0 => MqttReasonCode.Success,
        1 => MqttReasonCode.UnsupportedProtocolVersion,
        2 => MqttReasonCode.ClientIdentifierNotValid,
        3 => MqttReasonCode.ServerUnavailable,
        4 => MqttReasonCode.BadUserNameOrPassword,
        _ => MqttReasonCode.NotAuthorized,
    };

    private static byte ToReturnCode(MqttReasonCode code) => code switch
    {
        MqttReasonCode.Success => 0,
        MqttReasonCode.UnsupportedProtocolVersion => 1,
        MqttReasonCode.ClientIdentifierNotValid => 2,
        MqttReasonCode.BadUserNameOrPassword => 4,
        MqttReasonCode.NotAuthorized or MqttReasonCode.Banned => 5,
        _ => 3,
    };
}
