using System.Buffers;

namespace SmartCity.Contracts;

/// <summary>
/// Mergeable statistics of the readings of one metric in one window. Sum is compensated (Neumaier), mean and M2 follow Welford,
/// merging follows Chan, Golub and LeVeque (1979). The standard deviation is the population one, √(M2/n).
/// </summary>
[GenerateSerializer]
public sealed class WindowAggregate
{
    private const byte Version = 1;
    private const byte VersionWithMean = 2; // the same, and a mean other than the arithmetic one behind it

    [Id(9)] private QuantileSketch _sketch;
    [Id(10)] private double _sum;
    [Id(11)] private double _compensation;
    [Id(12)] private ProperMean _proper;

    /// <summary>Number of readings.</summary>
    [Id(0)] public long Count { get; private set; }

    [Id(1)] public double Min { get; private set; } = double.PositiveInfinity;

    [Id(2)] public double Max { get; private set; } = double.NegativeInfinity;

    [Id(3)] public double Mean { get; private set; }

    /// <summary>Sum of squared deviations from the mean.</summary>
    [Id(4)] public double M2 { get; private set; }

    /// <summary>Event time of <see cref="First"/>; Unix milliseconds.</summary>
    [Id(5)] public long FirstMs { get; private set; } = long.MaxValue;

    /// <summary>The value measured earliest; of two at the same instant, the smaller.</summary>
    [Id(6)] public double First { get; private set; }

    /// <summary>Event time of <see cref="Last"/>; Unix milliseconds.</summary>
    [Id(7)] public long LastMs { get; private set; } = long.MinValue;

    /// <summary>The value measured last; of two at the same instant, the larger.</summary>
    [Id(8)] public double Last { get; private set; }

    public double Sum => _sum + _compensation;

    /// <summary>Population standard deviation, √(M2/n); 0 for one reading.</summary>
    public double StdDev => Count == 0 ? double.NaN : Math.Sqrt(Math.Max(0, M2) / Count);

    /// <summary>Level of the mean power, 10·log₁₀(Σ10^(x/10)/n), of a metric that is a level; NaN for others.</summary>
    public double PowerMean => _proper.Power;

    /// <summary>Mean direction, degrees from 0 to below 360, of a metric that is one; NaN for others, and when directions cancel out.</summary>
    public double VectorMean => _proper.Direction;

    /// <summary>Value at rank q(n−1), within 1 %, never outside [Min, Max].</summary>
    public double Quantile(double q) => Count == 0 ? double.NaN : Math.Clamp(_sketch.Quantile(q), Min, Max);

    /// <summary>Adds one reading.</summary>
    /// <param name="eventMs">When it was measured; Unix milliseconds.</param>
    /// <param name="value">Finite value.</param>
    /// <param name="mean">The mean that says something of the metric.</param>
    public void Add(long eventMs, double value, MeanKind mean = MeanKind.Arithmetic)
    {
        _proper.Add(value, mean);
        Count++;
        AddToSum(value);
        var delta = value - Mean;
        Mean += delta / Count;
        M2 += delta * (value - Mean);
        if (value < Min) Min = value;
        if (value > Max) Max = value;
        TakeFirst(eventMs, value);
        TakeLast(eventMs, value);
        _sketch.Add(value);
    }

    /// <summary>Adds everything that <paramref name="other"/> holds.</summary>
    public void Merge(WindowAggregate other)
    {
        if (other.Count == 0) return;
        var total = Count + other.Count;
        var delta = other.Mean - Mean;
        Mean = Count == 0 ? other.Mean : Mean + (delta * other.Count / total);
        M2 += other.M2 + (delta * delta * Count * other.Count / total);
        Count = total;
        AddToSum(other._sum);
        AddToSum(other._compensation);
        Min = Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
        TakeFirst(other.FirstMs, other.First);
        TakeLast(other.LastMs, other.Last);
        _sketch.Merge(other._sketch);
        _proper.Merge(other._proper);
    }

    /// <summary>An independent copy.</summary>
    public WindowAggregate Clone()
    {
        var copy = (WindowAggregate)MemberwiseClone();
        copy._sketch = _sketch.Clone();
        return copy;
    }

    /// <summary>Writes the state compactly, a version byte first.</summary>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        writer.GetSpan(1)[0] = _proper.IsEmpty ? Version : VersionWithMean;
        writer.Advance(1);
        Varint.Write(writer, (ulong)Count);
        Varint.WriteDouble(writer, _sum);
        Varint.WriteDouble(writer, _compensation);
        Varint.WriteDouble(writer, Min);
        Varint.WriteDouble(writer, Max);
        Varint.WriteDouble(writer, Mean);
        Varint.WriteDouble(writer, M2);
        Varint.WriteSigned(writer, FirstMs);
        Varint.WriteDouble(writer, First);
        Varint.WriteSigned(writer, LastMs);
        Varint.WriteDouble(writer, Last);
        _sketch.WriteTo(writer);
        if (!_proper.IsEmpty) _proper.WriteTo(writer);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote and moves <paramref name="source"/> past it.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a state of a known version.</exception>
    public static WindowAggregate ReadFrom(ref ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty || source[0] is not (Version or VersionWithMean))
            throw new InvalidDataException($"A stored window state has version {(source.IsEmpty ? "none" : source[0])}; this program reads versions {Version} and {VersionWithMean}.");
        var hasMean = source[0] == VersionWithMean;
        source = source[1..];
        var aggregate = new WindowAggregate
        {
            Count = Varint.ReadCount(ref source, long.MaxValue),
            _sum = Varint.ReadDouble(ref source),
            _compensation = Varint.ReadDouble(ref source),
            Min = Varint.ReadDouble(ref source),
            Max = Varint.ReadDouble(ref source),
            Mean = Varint.ReadDouble(ref source),
            M2 = Varint.ReadDouble(ref source),
            FirstMs = Varint.ReadSigned(ref source),
            First = Varint.ReadDouble(ref source),
            LastMs = Varint.ReadSigned(ref source),
            Last = Varint.ReadDouble(ref source),
            _sketch = QuantileSketch.ReadFrom(ref source),
        };
        if (hasMean) aggregate._proper = ProperMean.ReadFrom(ref source);
        if (aggregate._sketch.Count != aggregate.Count) throw new InvalidDataException("A stored window state contradicts itself: its sketch has another count.");
        return aggregate;
    }

    private void AddToSum(double value)
    {
        var total = _sum + value;
        _compensation += Math.Abs(_sum) >= Math.Abs(value) ? _sum - total + value : value - total + _sum;
        _sum = total;
    }

    private void TakeFirst(long eventMs, double value)
    {
        if (eventMs > FirstMs || (eventMs == FirstMs && value >= First)) return;
        FirstMs = eventMs;
        First = value;
    }

    private void TakeLast(long eventMs, double value)
    {
        if (eventMs < LastMs || (eventMs == LastMs && value <= Last)) return;
        LastMs = eventMs;
        Last = value;
    }
}
