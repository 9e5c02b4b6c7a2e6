using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>PUBACK (§3.4): the answer to a PUBLISH of QoS 1. Layout in <see cref="AckBody"/>.</summary>
public readonly record struct PubAckPacket(ushort PacketId, MqttReasonCode ReasonCode = MqttReasonCode.Success)
{
    public static bool TryParse(
        byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version, out PubAckPacket packet, out MqttViolation? violation)
    {
        var ok = AckBody.TryParse(MqttPacketType.PubAck, flags, body, version, out var packetId, out var reason, out violation);
        packet = new(packetId, reason);
        return ok;
    }

    public void Write(IBufferWriter<byte> output, MqttProtocolVersion version) =>
        AckBody.Write(output, MqttPacketType.PubAck, version, PacketId, ReasonCode);
}
