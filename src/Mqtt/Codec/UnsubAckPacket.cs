using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>UNSUBACK (§3.11). v5: one reason code per topic filter, layout in <see cref="ReasonListBody"/>; 3.1.1: the packet identifier alone.</summary>
public sealed record UnsubAckPacket(ushort PacketId, IReadOnlyList<MqttReasonCode> ReasonCodes)
{
    /// <summary>v5 only.</summary>
    public MqttProperties? Properties { get; init; }

    public static bool TryParse(
        byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version, out UnsubAckPacket? packet, out MqttViolation? violation)
    {
        if (version == MqttProtocolVersion.V311)
        {
            var ok311 = AckBody.TryParse(MqttPacketType.UnsubAck, flags, body, version, out var packetId, out _, out violation);
            packet = ok311 ? new(packetId, []) : null;
            return ok311;
        }

        var ok = ReasonListBody.TryParse(MqttPacketType.UnsubAck, flags, body, version, out var id, out var reasons, out var properties, out violation);
        packet = ok ? new(id, reasons) { Properties = properties } : null;
        return ok;
    }

    public void Write(IBufferWriter<byte> output, MqttProtocolVersion version)
    {
        if (version == MqttProtocolVersion.V311) AckBody.Write(output, MqttPacketType.UnsubAck, version, PacketId, MqttReasonCode.Success);
        else ReasonListBody.Write(output, MqttPacketType.UnsubAck, version, PacketId, ReasonCodes, Properties);
    }
}
