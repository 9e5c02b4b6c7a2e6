using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>PINGRESP (§3.13): the answer to a PINGREQ. Two bytes, no body.</summary>
public static class PingRespPacket
{
    public static bool TryParse(byte flags, ReadOnlySpan<byte> body, out MqttViolation? violation)
    {
        var reader = PacketFlags.Open(MqttPacketType.PingResp, flags, body);
        violation = reader.Finish("PINGRESP") ? null : reader.Violation;
        return violation is null;
    }

    public static void Write(IBufferWriter<byte> output) => output.Write<byte>([(byte)MqttPacketType.PingResp << 4, 0]);
}
