using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>SUBACK (§3.9): one reason code per topic filter of the SUBSCRIBE, in its order. Layout in <see cref="ReasonListBody"/>.</summary>
public sealed record SubAckPacket(ushort PacketId, IReadOnlyList<MqttReasonCode> ReasonCodes)
{
    /// <summary>v5 only.</summary>
    public MqttProperties? Properties { get; init; }

    public static bool TryParse(
        byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version, out SubAckPacket? packet, out MqttViolation? violation)
    {
        var ok = ReasonListBody.TryParse(MqttPacketType.SubAck, flags, body, version, out var id, out var reasons, out var properties, out violation);
        packet = ok ? new(id, reasons) { Properties = properties } : null;
        return ok;
    }

    public void Write(IBufferWriter<byte> output, MqttProtocolVersion version) =>
        ReasonListBody.Write(output, MqttPacketType.SubAck, version, PacketId, ReasonCodes, Properties);
}
