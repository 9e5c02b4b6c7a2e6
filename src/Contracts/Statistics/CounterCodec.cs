using System.Buffers;

namespace SmartCity.Contracts;

/// <summary>
/// The bytes of a counter's state:
/// <code>
/// flags      1 sum of several meters · 2 a run · 4 a register with an end
/// sum        increase (8 bytes), resets — and nothing else
/// rollover   8 bytes, with flag 4
/// run        first time (signed), first (8), length in ms, last (8), increase (8), resets; with flag 2
/// points     how many; scale: 0 to 9 decimals, or 255; then of each its time and its value
/// </code>
/// A time is the difference of two intervals, so that a regular one costs a byte; the first is signed from the run's end, or from 1970. A value is, in units of its last decimal,
/// the difference from the one before; with scale 255 it is 8 bytes.
/// </summary>
internal static class CounterCodec
{
    private const byte SumFlag = 1, RunFlag = 2, RolloverFlag = 4;
    private const byte NoScale = 255;
    private const long MaxMs = 1L << 52;
    private const long MaxUnits = 1L << 52; // so that a unit is a whole number, and a difference of two is one
    private static readonly double[] s_powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    public static void Write(IBufferWriter<byte> writer, CounterHead head, ReadOnlySpan<CounterPoint> points)
    {
        writer.GetSpan(1)[0] = (byte)((head.IsSum ? SumFlag : 0) | (head.Run is null ? 0 : RunFlag) | (head.Rollover > 0 ? RolloverFlag : 0));
        writer.Advance(1);
        if (head.IsSum)
        {
            Varint.WriteDouble(writer, head.Sum.Increase);
            Varint.Write(writer, (ulong)head.Sum.Resets);
        }

        if (head.Rollover > 0) Varint.WriteDouble(writer, head.Rollover);
        if (head.IsSum) return;
        if (head.Run is { } run)
        {
            Varint.WriteSigned(writer, run.FirstMs);
            Varint.WriteDouble(writer, run.First);
            Varint.Write(writer, (ulong)(run.LastMs - run.FirstMs));
            Varint.WriteDouble(writer, run.Last);
            Varint.WriteDouble(writer, run.Increase);
            Varint.Write(writer, (ulong)run.Resets);
        }

        Varint.Write(writer, (ulong)points.Length);
        if (points.IsEmpty) return;
        var scale = ScaleOf(points);
        writer.GetSpan(1)[0] = scale;
        writer.Advance(1);
        long previousMs = head.Run?.LastMs ?? 0, interval = 0, previousUnits = 0;
        foreach (var point in points)
        {
            Varint.WriteSigned(writer, point.Ms - previousMs - interval);
            (interval, previousMs) = (previousMs == 0 ? 0 : point.Ms - previousMs, point.Ms);
            if (scale == NoScale)
            {
                Varint.WriteDouble(writer, point.Value);
                continue;
            }

            var units = (long)Math.Round(point.Value * s_powers[scale]);
            Varint.WriteSigned(writer, units - previousUnits);
            previousUnits = units;
        }
    }

    /// <exception cref="InvalidDataException">The bytes are no such state.</exception>
    public static (CounterHead Head, CounterPoint[] Points) Read(ref ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty || source[0] > (SumFlag | RunFlag | RolloverFlag)) throw new InvalidDataException("A stored counter has flags that this program does not know.");
        var flags = source[0];
        source = source[1..];
        var isSum = (flags & SumFlag) != 0;
        if (isSum && (flags & RunFlag) != 0) throw new InvalidDataException("A stored counter contradicts itself: a sum of several meters has no run.");
        var sum = isSum ? new CounterStep(Amount(ref source), Varint.ReadCount(ref source, long.MaxValue)) : default;
        var rollover = (flags & RolloverFlag) != 0 ? Amount(ref source) : 0;
        if (isSum) return (new(true, sum, rollover, null), []);
        CounterRun? run = null;
        if ((flags & RunFlag) != 0)
        {
            var (firstMs, first) = (Time(Varint.ReadSigned(ref source)), Finite(Varint.ReadDouble(ref source)));
            run = new(firstMs, first, Time(firstMs + Varint.ReadCount(ref source, MaxMs)), Finite(Varint.ReadDouble(ref source)), Amount(ref source), Varint.ReadCount(ref source, long.MaxValue));
        }

        var count = (int)Varint.ReadCount(ref source, CounterState.MaxPoints);
        if (count == 0) return (new(false, default, rollover, run), []);
        return (new(false, default, rollover, run), ReadPoints(ref source, count, run));
    }

    private static CounterPoint[] ReadPoints(ref ReadOnlySpan<byte> source, int count, CounterRun? run)
    {
        if (source.IsEmpty || source[0] is > 9 and not NoScale) throw new InvalidDataException("A stored counter has a scale that this program does not know.");
        var scale = source[0];
        source = source[1..];
        if (source.Length < 2 * count) throw new InvalidDataException("A stored counter ends before its readings do."); // a reading takes two bytes or more
        var points = new CounterPoint[count];
        long ms = run?.LastMs ?? 0, interval = 0, units = 0;
        for (var i = 0; i < count; i++)
        {
            var previousMs = ms;
            ms = Time(ms + interval + Time(Varint.ReadSigned(ref source)));
            interval = previousMs == 0 ? 0 : ms - previousMs;
            double value;
            if (scale == NoScale) value = Finite(Varint.ReadDouble(ref source));
            else
            {
                var change = Varint.ReadSigned(ref source);
                if (change is > 2 * MaxUnits or < -2 * MaxUnits || Math.Abs(units + change) > MaxUnits) throw new InvalidDataException("A stored counter has a value that it cannot have.");
                units += change;
                value = units / s_powers[scale];
            }

            points[i] = new(ms, value);
            if (i > 0 && points[i] < points[i - 1]) throw new InvalidDataException("The readings of a stored counter are not in order.");
        }

        if (run is { } before && points[0] < new CounterPoint(before.LastMs, before.Last)) throw new InvalidDataException("The readings of a stored counter are not in order.");
        return points;
    }

    // Fewest decimals with which every value reads back exactly: n/10^s is rounded as the number's own text is.
    private static byte ScaleOf(ReadOnlySpan<CounterPoint> points)
    {
        byte scale = 0;
        foreach (var point in points)
        {
            while (!IsExact(point.Value, scale))
            {
                if (++scale == s_powers.Length) return NoScale;
            }
        }

        // More decimals than the first values need must not be too many for them.
        foreach (var point in points)
        {
            if (!IsExact(point.Value, scale)) return NoScale;
        }

        return scale;
    }

    private static bool IsExact(double value, int scale)
    {
        var units = Math.Round(value * s_powers[scale]);
        // By bits: −0 is not 0.
        return Math.Abs(units) < MaxUnits && BitConverter.DoubleToInt64Bits((long)units / s_powers[scale]) == BitConverter.DoubleToInt64Bits(value);
    }

    private static double Amount(ref ReadOnlySpan<byte> source) =>
        Varint.ReadDouble(ref source) is >= 0 and < double.PositiveInfinity and var amount ? amount : throw new InvalidDataException("A stored counter has an increase that it cannot have.");

    private static double Finite(double value) => double.IsFinite(value) ? value : throw new InvalidDataException("A stored counter has a value that is no number.");

    private static long Time(long ms) => ms is >= -MaxMs and <= MaxMs ? ms : throw new InvalidDataException("A stored counter has a time that no clock shows.");
}
