using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SmartCity.Mqtt;

/// <summary>A cursor that writes one packet whose size is known beforehand.</summary>
internal ref struct PacketWriter
{
    private readonly IBufferWriter<byte> _output;
    private readonly Span<byte> _span;
    private int _position;

    private PacketWriter(IBufferWriter<byte> output, int size)
    {
        _output = output;
        _span = output.GetSpan(size)[..size];
    }

    /// <summary>Writes the fixed header (§2.1): type and flags, then the remaining length.</summary>
    public static PacketWriter Begin(IBufferWriter<byte> output, MqttPacketType type, byte flags, int remainingLength)
    {
        var writer = new PacketWriter(output, 1 + VarInt.Size((uint)remainingLength) + remainingLength);
        writer.Byte((byte)((byte)type << 4 | flags));
        writer.VarByte((uint)remainingLength);
        return writer;
    }

    public void Byte(byte value) => _span[_position++] = value;

    public void Boolean(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_span[_position..], value);
        _position += 2;
    }

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_span[_position..], value);
        _position += 4;
    }

    public void VarByte(uint value) => _position += VarInt.Write(_span[_position..], value);

    public void Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_span[_position..]);
        _position += value.Length;
    }

    public void Binary(ReadOnlySpan<byte> value)
    {
        UInt16(checked((ushort)value.Length));
        Raw(value);
    }

    public void Utf8(string value)
    {
        var length = Encoding.UTF8.GetBytes(value, _span[(_position + 2)..]);
        UInt16(checked((ushort)length));
        _position += length;
    }

    /// <summary>Hands the packet to the output. A size that was computed wrongly is a bug here, so it throws.</summary>
    public readonly void End()
    {
        if (_position != _span.Length) throw new InvalidOperationException($"Wrote {_position} of {_span.Length} bytes.");
        _output.Advance(_position);
    }

    /// <summary>Bytes that a length-prefixed string takes.</summary>
    public static int Utf8Size(string value) => 2 + Encoding.UTF8.GetByteCount(value);
}
