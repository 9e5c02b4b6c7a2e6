using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>AUTH (§3.15), MQTT 5.0 only. Layout in <see cref="ReasonBody"/>.</summary>
public sealed record AuthPacket(MqttReasonCode ReasonCode = MqttReasonCode.Success)
{
    public MqttProperties? Properties { get; init; }

    public static bool TryParse(byte flags, ReadOnlySpan<byte> body, out AuthPacket? packet, out MqttViolation? violation)
    {
        var ok = ReasonBody.TryParse(MqttPacketType.Auth, flags, body, MqttProtocolVersion.V500, out var reason, out var properties, out violation);
        packet = ok ? new(reason) { Properties = properties } : null;
        return ok;
    }

    public void Write(IBufferWriter<byte> output) => ReasonBody.Write(output, MqttPacketType.Auth, MqttProtocolVersion.V500, ReasonCode, Properties);
}
