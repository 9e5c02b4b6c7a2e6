using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>The body that v5 DISCONNECT and AUTH share: <code>may be left out when 0: reason code | may be left out: properties</code></summary>
internal static class ReasonBody
{
    public static bool TryParse(
        MqttPacketType type, byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version,
        out MqttReasonCode reason, out MqttProperties? properties, out MqttViolation? violation)
    {
        reason = MqttReasonCode.Success;
        properties = null;
        var reader = PacketFlags.Open(type, flags, body);
        if (version == MqttProtocolVersion.V500 && !reader.IsEmpty)
        {
            reason = (MqttReasonCode)reader.ReadByte("reason code");
            if (!IsAllowed(type, reason)) reader.Fail(MqttViolation.Protocol($"{type}: reason code 0x{(byte)reason:X2} is not allowed.", "MQTT-3.14.2-1"));
            if (!reader.IsEmpty) properties = MqttProperties.Read(ref reader, (PropertyScopes)(1 << (int)type));
        }

        violation = reader.Finish(type.ToString()) ? null : reader.Violation;
        return violation is null;
    }

    public static void Write(IBufferWriter<byte> output, MqttPacketType type, MqttProtocolVersion version, MqttReasonCode reason, MqttProperties? properties)
    {
        var encoded = PropertySection.Encode(properties);
        var size = version != MqttProtocolVersion.V500 || (reason == MqttReasonCode.Success && encoded.Length == 0)
            ? 0
            : 1 + (encoded.Length == 0 ? 0 : PropertySection.Size(version, encoded.Length));
        var writer = PacketWriter.Begin(output, type, 0, size);
        if (size > 0) writer.Byte((byte)reason);
        if (size > 1) PropertySection.Write(ref writer, version, encoded);
        writer.End();
    }

    private static bool IsAllowed(MqttPacketType type, MqttReasonCode reason) => type == MqttPacketType.Auth
        ? reason is MqttReasonCode.Success or MqttReasonCode.ContinueAuthentication or MqttReasonCode.ReAuthenticate
        : reason is MqttReasonCode.Success or MqttReasonCode.DisconnectWithWill or (>= MqttReasonCode.UnspecifiedError and <= MqttReasonCode.ImplementationSpecificError)
            or MqttReasonCode.NotAuthorized or MqttReasonCode.ServerBusy or MqttReasonCode.ServerShuttingDown
            or (>= MqttReasonCode.BadAuthenticationMethod and <= MqttReasonCode.TopicNameInvalid)
            or (>= MqttReasonCode.ReceiveMaximumExceeded and <= MqttReasonCode.WildcardSubscriptionsNotSupported);
}
