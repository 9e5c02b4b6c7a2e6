using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>PINGREQ (§3.12): a client's sign of life. Two bytes, no body.</summary>
public static class PingReqPacket
{
    public static bool TryParse(byte flags, ReadOnlySpan<byte> body, out MqttViolation? violation)
    {
        var reader = PacketFlags.Open(MqttPacketType.PingReq, flags, body);
        violation = reader.Finish("PINGREQ") ? null : reader.Violation;
        return violation is null;
    }

    public static void Write(IBufferWriter<byte> output) => output.Write<byte>([(byte)MqttPacketType.PingReq << 4, 0]);
}
