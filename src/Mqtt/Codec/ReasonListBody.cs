using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>The body that SUBACK and v5 UNSUBACK share: <code>packet identifier (2) | v5: properties | one reason code per topic filter</code></summary>
internal static class ReasonListBody
{
    public static bool TryParse(
        MqttPacketType type, byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version,
        out ushort packetId, out MqttReasonCode[] reasons, out MqttProperties? properties, out MqttViolation? violation)
    {
        var reader = PacketFlags.Open(type, flags, body);
        packetId = reader.ReadPacketId();
        properties = version == MqttProtocolVersion.V500 ? MqttProperties.Read(ref reader, (PropertyScopes)(1 << (int)type)) : null;
        var raw = reader.ReadRest();
        reasons = new MqttReasonCode[raw.Length];
        for (var i = 0; i < raw.Length; i++)
        {
            reasons[i] = (MqttReasonCode)raw[i];
            if (!IsAllowed(type, version, reasons[i]))
            {
                reader.Fail(MqttViolation.Malformed($"{type}: reason code 0x{raw[i]:X2} is not allowed.", "MQTT-3.9.3-2"));
            }
        }

        violation = reader.Finish(type.ToString()) ? null : reader.Violation;
        return violation is null;
    }

    public static void Write(
        IBufferWriter<byte> output, MqttPacketType type, MqttProtocolVersion version, ushort packetId, IReadOnlyList<MqttReasonCode> reasons, MqttProperties? properties)
    {
        var encoded = PropertySection.Encode(properties);
        var writer = PacketWriter.Begin(output, type, 0, 2 + PropertySection.Size(version, encoded.Length) + reasons.Count);
        writer.UInt16(packetId);
        PropertySection.Write(ref writer, version, encoded);

        // 3.1.1 knows one failure code only.
        foreach (var reason in reasons) writer.Byte(version == MqttProtocolVersion.V311 && (byte)reason >= 0x80 ? (byte)0x80 : (byte)reason);
        writer.End();
    }

    private static bool IsAllowed(MqttPacketType type, MqttProtocolVersion version, MqttReasonCode reason)
    {
        if (version == MqttProtocolVersion.V311) return (byte)reason is <= 2 or 0x80;
        if (reason is MqttReasonCode.UnspecifiedError or MqttReasonCode.ImplementationSpecificError or MqttReasonCode.NotAuthorized
            or MqttReasonCode.TopicFilterInvalid or MqttReasonCode.PacketIdentifierInUse)
        {
            return true;
        }

        return type == MqttPacketType.SubAck
            ? (byte)reason <= 2 || reason is MqttReasonCode.QuotaExceeded or MqttReasonCode.SharedSubscriptionsNotSupported
                or MqttReasonCode.SubscriptionIdentifiersNotSupported or MqttReasonCode.WildcardSubscriptionsNotSupported
            : reason is MqttReasonCode.Success or MqttReasonCode.NoSubscriptionExisted;
    }
}
