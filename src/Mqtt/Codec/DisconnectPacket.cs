using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>DISCONNECT (§3.14), the last packet of a connection. 3.1.1: client to server only and without a body. Layout in <see cref="ReasonBody"/>.</summary>
public sealed record DisconnectPacket(MqttReasonCode ReasonCode = MqttReasonCode.Success)
{
    /// <summary>v5 only.</summary>
    public MqttProperties? Properties { get; init; }

    public static bool TryParse(
        byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version, out DisconnectPacket? packet, out MqttViolation? violation)
    {
        var ok = ReasonBody.TryParse(MqttPacketType.Disconnect, flags, body, version, out var reason, out var properties, out violation);
        packet = ok ? new(reason) { Properties = properties } : null;
        return ok;
    }

    public void Write(IBufferWriter<byte> output, MqttProtocolVersion version) =>
        ReasonBody.Write(output, MqttPacketType.Disconnect, version, ReasonCode, Properties);
}
