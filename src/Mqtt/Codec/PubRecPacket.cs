using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>PUBREC (§3.5): the first answer to a PUBLISH of QoS 2. Layout in <see cref="AckBody"/>.</summary>
public readonly record struct PubRecPacket(ushort PacketId, MqttReasonCode ReasonCode = MqttReasonCode.Success)
{
    public static bool TryParse(
        byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version, out PubRecPacket packet, out MqttViolation? violation)
    {
        var ok = AckBody.TryParse(MqttPacketType.PubRec, flags, body, version, out var packetId, out var reason, out violation);
        packet = new(packetId, reason);
        return ok;
    }

    public void Write(IBufferWriter<byte> output, MqttProtocolVersion version) =>
        AckBody.Write(output, MqttPacketType.PubRec, version, PacketId, ReasonCode);
}
