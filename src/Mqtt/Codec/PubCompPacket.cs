using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>PUBCOMP (§3.7): the last answer to a PUBLISH of QoS 2. Layout in <see cref="AckBody"/>.</summary>
public readonly record struct PubCompPacket(ushort PacketId, MqttReasonCode ReasonCode = MqttReasonCode.Success)
{
    public static bool TryParse(
        byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version, out PubCompPacket packet, out MqttViolation? violation)
    {
        var ok = AckBody.TryParse(MqttPacketType.PubComp, flags, body, version, out var packetId, out var reason, out violation);
        packet = new(packetId, reason);
        return ok;
    }

    public void Write(IBufferWriter<byte> output, MqttProtocolVersion version) =>
        AckBody.Write(output, MqttPacketType.PubComp, version, PacketId, ReasonCode);
}
