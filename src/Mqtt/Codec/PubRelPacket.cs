using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>PUBREL (§3.6): releases a PUBLISH of QoS 2; its fixed header flags are 0010. Layout in <see cref="AckBody"/>.</summary>
public readonly record struct PubRelPacket(ushort PacketId, MqttReasonCode ReasonCode = MqttReasonCode.Success)
{
    public static bool TryParse(
        byte flags, ReadOnlySpan<byte> body, MqttProtocolVersion version, out PubRelPacket packet, out MqttViolation? violation)
    {
        var ok = AckBody.TryParse(MqttPacketType.PubRel, flags, body, version, out var packetId, out var reason, out violation);
        packet = new(packetId, reason);
        return ok;
    }

    public void Write(IBufferWriter<byte> output, MqttProtocolVersion version) =>
        AckBody.Write(output, MqttPacketType.PubRel, version, PacketId, ReasonCode);
}
