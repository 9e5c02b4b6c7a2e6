using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace SmartCity.Contracts;

/// <summary>
/// Readings of one window in a few bytes each, bit for bit:
/// <code>
/// version 1 | flags | count | [how many share an instant, their places] | times | sequences | values
/// </code>
/// Numbers are varints. Times are offsets from the window's start: the first, then the stride and what each one differs from it; when the stride is always the same (flag 1)
/// it stands alone. Sequences likewise (flag 2). Values are whole numbers of 10⁻ᵈ when every one of them is exactly one (flags 4: the digits d are in the upper four bits),
/// each as the difference from the one before; otherwise the bytes in which its bits differ from those of the one before.
/// </summary>
public static class ReadingCodec
{
    private const byte Version = 1;
    private const int SteadyTimes = 1;
    private const int SteadySequences = 2;
    private const int Decimal = 4;
    private const int SharedInstants = 8;
    private const int MaxDigits = 9;
    private const double MaxWhole = 1L << 53;

    private static readonly double[] s_powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    /// <summary>Encodes readings in the order in which they came.</summary>
    /// <param name="startMs">Start of their window; Unix milliseconds.</param>
    public static byte[] Encode(long startMs, ReadOnlySpan<StoredReading> readings)
    {
        var digits = DigitsOf(readings);
        var shared = 0;
        foreach (ref readonly var reading in readings) shared += reading.SharesInstant ? 1 : 0;
        var steadyTimes = IsSteady(readings, static r => r.EventMs);
        var steadySequences = IsSteady(readings, static r => r.Sequence);
        var writer = new ArrayBufferWriter<byte>(16 + (readings.Length * 4));
        writer.GetSpan(2)[0] = Version;
        writer.GetSpan(2)[1] = (byte)((steadyTimes ? SteadyTimes : 0) | (steadySequences ? SteadySequences : 0) | (shared > 0 ? SharedInstants : 0) | (digits < 0 ? 0 : Decimal | (digits << 4)));
        writer.Advance(2);
        Varint.Write(writer, (ulong)readings.Length);
        if (shared > 0)
        {
            Varint.Write(writer, (ulong)shared);
            var last = 0;
            for (var i = 0; i < readings.Length; i++)
            {
                if (!readings[i].SharesInstant) continue;
                Varint.Write(writer, (ulong)(i - last));
                last = i;
            }
        }

        WriteColumn(writer, readings, startMs, steadyTimes, static r => r.EventMs);
        WriteColumn(writer, readings, 0, steadySequences, static r => r.Sequence);
        if (digits >= 0) WriteWhole(writer, readings, s_powers[digits]);
        else WriteBits(writer, readings);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> wrote, in its order.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static StoredReading[] Decode(long startMs, ReadOnlySpan<byte> source)
    {
        if (source.Length < 2 || source[0] != Version) throw new InvalidDataException(source.IsEmpty ? "A stored block of readings is empty." : $"A stored block of readings has version {source[0]}, which is not known here.");
        var flags = source[1];
        source = source[2..];
        // A steady block needs no byte per reading for times and numbers, but one for each value.
        var count = (int)Varint.ReadCount(ref source, source.Length);
        var shares = new bool[count];
        if ((flags & SharedInstants) != 0)
        {
            var at = 0L;
            for (var n = Varint.ReadCount(ref source, count); n > 0; n--)
            {
                at += Varint.ReadCount(ref source, count);
                if (at >= count) throw new InvalidDataException("A stored block of readings names one that it does not have.");
                shares[at] = true;
            }
        }

        var times = ReadColumn(ref source, count, startMs, (flags & SteadyTimes) != 0);
        var sequences = ReadColumn(ref source, count, 0, (flags & SteadySequences) != 0);
        var readings = new StoredReading[count];
        var scale = s_powers[Math.Min(flags >> 4, MaxDigits)];
        long whole = 0, bits = 0;
        for (var i = 0; i < count; i++)
        {
            double value;
            if ((flags & Decimal) != 0) value = (whole += Varint.ReadSigned(ref source)) / scale;
            else value = BitConverter.Int64BitsToDouble(bits ^= ReadDifference(ref source));
            if (sequences[i] is < int.MinValue or > int.MaxValue) throw new InvalidDataException("A stored block of readings has an impossible sequence.");
            readings[i] = new(times[i], (int)sequences[i], value, shares[i]);
        }

        return source.IsEmpty ? readings : throw new InvalidDataException("A stored block of readings is longer than it says.");
    }

    // The fewest digits behind the point with which every value is exact; −1 when there are none.
    private static int DigitsOf(ReadOnlySpan<StoredReading> readings)
    {
        var digits = 0;
        foreach (ref readonly var reading in readings)
        {
            while (!IsWhole(reading.Value, s_powers[digits]))
            {
                if (++digits > MaxDigits) return -1;
            }
        }

        // More digits are a larger number, which may not fit where fewer did.
        foreach (ref readonly var reading in readings)
        {
            if (!IsWhole(reading.Value, s_powers[digits])) return -1;
        }

        return digits;
    }

    private static bool IsWhole(double value, double power)
    {
        var whole = Math.Round(value * power);
        return Math.Abs(whole) < MaxWhole && BitConverter.DoubleToInt64Bits((long)whole / power) == BitConverter.DoubleToInt64Bits(value);
    }

    private static bool IsSteady(ReadOnlySpan<StoredReading> readings, Func<StoredReading, long> of)
    {
        for (var i = 2; i < readings.Length; i++)
        {
            if (of(readings[i]) - of(readings[i - 1]) != of(readings[1]) - of(readings[0])) return false;
        }

        return true;
    }

    private static void WriteColumn(ArrayBufferWriter<byte> writer, ReadOnlySpan<StoredReading> readings, long from, bool steady, Func<StoredReading, long> of)
    {
        long stride = 0;
        for (var i = 0; i < readings.Length && (i < 2 || !steady); i++)
        {
            var value = of(readings[i]);
            Varint.WriteSigned(writer, value - from - stride);
            if (i > 0) stride = value - from;
            from = value;
        }
    }

    private static long[] ReadColumn(ref ReadOnlySpan<byte> source, int count, long from, bool steady)
    {
        var values = new long[count];
        long stride = 0;
        for (var i = 0; i < count; i++)
        {
            var value = from + stride + (i < 2 || !steady ? Varint.ReadSigned(ref source) : 0);
            if (i > 0) stride = value - from;
            values[i] = from = value;
        }

        return values;
    }

    private static void WriteWhole(ArrayBufferWriter<byte> writer, ReadOnlySpan<StoredReading> readings, double power)
    {
        long last = 0;
        foreach (ref readonly var reading in readings)
        {
            var whole = (long)Math.Round(reading.Value * power);
            Varint.WriteSigned(writer, whole - last);
            last = whole;
        }
    }

    // One byte with how many of the eight bytes are zero in front (upper half) and behind, then those between.
    private static void WriteBits(ArrayBufferWriter<byte> writer, ReadOnlySpan<StoredReading> readings)
    {
        long last = 0;
        foreach (ref readonly var reading in readings)
        {
            var bits = BitConverter.DoubleToInt64Bits(reading.Value);
            var difference = bits ^ last;
            last = bits;
            var front = difference == 0 ? 8 : BitOperations.LeadingZeroCount((ulong)difference) / 8;
            var behind = difference == 0 ? 0 : BitOperations.TrailingZeroCount(difference) / 8;
            var span = writer.GetSpan(9);
            span[0] = (byte)((front << 4) | behind);
            BinaryPrimitives.WriteInt64LittleEndian(span[1..], (long)((ulong)difference >> (behind * 8)));
            writer.Advance(1 + 8 - front - behind);
        }
    }

    private static long ReadDifference(ref ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty) throw new InvalidDataException("A stored block of readings ends in the middle of a value.");
        int front = source[0] >> 4, behind = source[0] & 15, length = 8 - front - behind;
        if (length < 0 || behind > 7 || source.Length < 1 + length) throw new InvalidDataException("A stored block of readings ends in the middle of a value.");
        ulong value = 0;
        for (var i = 0; i < length; i++) value |= (ulong)source[1 + i] << (8 * i);
        source = source[(1 + length)..];
        return (long)(value << (behind * 8));
    }
}
