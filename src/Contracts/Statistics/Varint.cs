using System.Buffers;
using System.Buffers.Binary;

namespace SmartCity.Contracts;

/// <summary>LEB128 variable-length integers and little-endian doubles: the alphabet of our stored states.</summary>
public static class Varint
{
    public static void Write(IBufferWriter<byte> writer, ulong value)
    {
        var span = writer.GetSpan(10);
        var n = 0;
        while (value >= 0x80)
        {
            span[n++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[n++] = (byte)value;
        writer.Advance(n);
    }

    public static void WriteSigned(IBufferWriter<byte> writer, long value) => Write(writer, (ulong)((value << 1) ^ (value >> 63)));

    public static void WriteDouble(IBufferWriter<byte> writer, double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(writer.GetSpan(8), value);
        writer.Advance(8);
    }

    public static ulong Read(ref ReadOnlySpan<byte> source)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (source.IsEmpty) throw new InvalidDataException("A stored state ends in the middle of a number.");
            var b = source[0];
            source = source[1..];
            if (shift == 63 && b > 1) break;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }

        throw new InvalidDataException("A number in a stored state is longer than 64 bits.");
    }

    /// <summary>Reads a number from 0 to <paramref name="most"/>.</summary>
    /// <exception cref="InvalidDataException">It is larger, or no number.</exception>
    public static long ReadCount(ref ReadOnlySpan<byte> source, long most)
    {
        var value = Read(ref source);
        return value <= (ulong)most ? (long)value : throw new InvalidDataException($"A stored state says {value} where at most {most} can be.");
    }

    public static long ReadSigned(ref ReadOnlySpan<byte> source)
    {
        var value = Read(ref source);
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public static double ReadDouble(ref ReadOnlySpan<byte> source)
    {
        if (source.Length < 8) throw new InvalidDataException("A stored state ends in the middle of a number.");
        var value = BinaryPrimitives.ReadDoubleLittleEndian(source);
        source = source[8..];
        return value;
    }
}
