using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>
/// The body that PUBACK, PUBREC, PUBREL and PUBCOMP share (§3.4 to §3.7):
/// <code>packet identifier (2) | v5, may be left out when 0: reason code | v5, may be left out: properties</code>
/// </summary>
internal static class AckBody
{
    public static bool TryParse(
        MqttPacketType type, byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version,
        out ushort packetId, out MqttReasonCode reason, out MqttViolation? violation)
    {
        // The usual acknowledgement: two bytes, success.
        if (body.Length == 2 && flags == PacketFlags.For(type))
        {
            packetId = (ushort)(body[0] << 8 | body[1]);
            if (packetId != 0)
            {
                reason = MqttReasonCode.Success;
                violation = null;
                return true;
            }
        }

        var reader = PacketFlags.Open(type, flags, body);
        packetId = reader.ReadPacketId();
        reason = MqttReasonCode.Success;
        if (version == MqttProtocolVersion.V500 && !reader.IsEmpty)
        {
            reason = (MqttReasonCode)reader.ReadByte("reason code");
            if (!IsAllowed(type, reason)) reader.Fail(MqttViolation.Protocol($"{type}: reason code 0x{(byte)reason:X2} is not allowed.", "MQTT-3.4.2-1"));
            if (!reader.IsEmpty)
            {
                var walk = new MqttPropertyEnumerator(reader.ReadPropertySection(), (PropertyScopes)(1 << (int)type));
                while (walk.MoveNext())
                {
                    // Reason string and user properties are for people; walking validates them.
                }

                if (walk.Violation is { } wrong) reader.Fail(wrong);
            }
        }

        violation = reader.Finish(type.ToString()) ? null : reader.Violation;
        return violation is null;
    }

    /// <summary>Writes the shortest form. A reason other than success is left out for 3.1.1, which cannot carry it.</summary>
    public static void Write(IBufferWriter<byte> output, MqttPacketType type, MqttProtocolVersion version, ushort packetId, MqttReasonCode reason)
    {
        var span = output.GetSpan(5);
        output.Advance(Write(span, type, version, packetId, reason));
    }

    /// <summary>Writes into a span of at least five bytes and answers how many were used.</summary>
    public static int Write(Span<byte> span, MqttPacketType type, MqttProtocolVersion version, ushort packetId, MqttReasonCode reason)
    {
        span[0] = (byte)((byte)type << 4 | PacketFlags.For(type));
        span[2] = (byte)(packetId >> 8);
        span[3] = (byte)packetId;
        if (reason == MqttReasonCode.Success || version != MqttProtocolVersion.V500)
        {
            span[1] = 2;
            return 4;
        }

        span[1] = 3;
        span[4] = (byte)reason;
        return 5;
    }

    private static bool IsAllowed(MqttPacketType type, MqttReasonCode reason) => type switch
    {
        MqttPacketType.PubRel or MqttPacketType.PubComp => reason is MqttReasonCode.Success or MqttReasonCode.PacketIdentifierNotFound,
        _ => reason is MqttReasonCode.Success or MqttReasonCode.NoMatchingSubscribers or MqttReasonCode.UnspecifiedError
            or MqttReasonCode.ImplementationSpecificError or MqttReasonCode.NotAuthorized or MqttReasonCode.TopicNameInvalid
            or MqttReasonCode.PacketIdentifierInUse or MqttReasonCode.QuotaExceeded or MqttReasonCode.PayloadFormatInvalid,
    };
}
