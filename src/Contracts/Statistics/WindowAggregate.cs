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
    private const byte VersionWithParts = 3; // the same behind a byte that says which parts follow
    private const byte MeanPart = 1, GridPart = 2, CounterPart = 4;

    [Id(9)] private QuantileSketch _sketch;
    [Id(10)] private double _sum;
    [Id(11)] private double _compensation;
    [Id(12)] private ProperMean? _proper; // null, as the next two, for a metric that needs none
    [Id(13)] private GridQuantiles? _grid; // then the sketch has only what an earlier version counted
    [Id(14)] private CounterState? _counter;

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
    public double PowerMean => _proper?.Power ?? double.NaN;

    /// <summary>Mean direction, degrees from 0 to below 360, of a metric that is one; NaN for others, and when directions cancel out.</summary>
    public double VectorMean => _proper?.Direction ?? double.NaN;

    /// <summary>What a counter has grown by from the first reading to the last, resets considered; of an area what all its meters have. NaN for what is no counter.</summary>
    public double Increase => _counter?.Total.Increase ?? double.NaN;

    /// <summary>How often a counter fell; 0 for what is no counter.</summary>
    public long Resets => _counter?.Total.Resets ?? 0;

    /// <summary>Value at rank q(n−1), never outside [Min, Max]: within 1 %, or within half a step of the metric's report grid.</summary>
    public double Quantile(double q) => Count == 0 ? double.NaN : Math.Clamp(_grid?.Quantile(_sketch, q) ?? _sketch.Quantile(q), Min, Max);

    /// <summary>Adds one reading.</summary>
    /// <param name="eventMs">When it was measured; Unix milliseconds.</param>
    /// <param name="value">Finite value.</param>
    /// <param name="mean">The mean that says something of the metric.</param>
    public void Add(long eventMs, double value, MeanKind mean = MeanKind.Arithmetic) => Add(eventMs, value, MetricForm.Of(mean));

    /// <summary>Adds one reading of a metric of some form; the same form in every call, except that a metric may become a counter, or be none any more. A window that was begun as one stays one.</summary>
    public void Add(long eventMs, double value, MetricForm form)
    {
        if (form.Mean != MeanKind.Arithmetic) (_proper ??= new()).Add(value, form.Mean);
        if (form.IsCounter) CounterFor(form.Rollover).Add(eventMs, value, form.Rollover);
        else if (_counter is not null) _counter.Add(eventMs, value, _counter.Rollover); // begun as a counter, and the operator has undeclared it: a part with some of the readings only could not be read back
        if (form.Grid is null) _sketch.Add(value);
        else (_grid ??= new()).Add(value, form.Grid);
        Count++;
        AddToSum(value);
        var delta = value - Mean;
        Mean += delta / Count;
        M2 += delta * (value - Mean);
        if (value < Min) Min = value;
        if (value > Max) Max = value;
        TakeFirst(eventMs, value);
        TakeLast(eventMs, value);
    }

    /// <summary>
    /// Adds everything that <paramref name="other"/> holds. Counters of one device go on in the order of time, with the step from one to the other; what areas were told
    /// (<see cref="ToldBy"/>) is added up.
    /// </summary>
    public void Merge(WindowAggregate other)
    {
        if (other.Count == 0) return;
        MergeCounter(other);
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
        if (other._proper is not null) (_proper ??= new()).Merge(other._proper);
        if (other._grid is not null) (_grid ??= new()).Merge(other._grid);
    }

    /// <summary>The same statistics as an area takes them: of a counter the given increase only, for an area has many meters and no order of their readings.</summary>
    public WindowAggregate ToldBy(CounterStep increase)
    {
        var told = Clone();
        told._counter = CounterState.Sum(increase);
        return told;
    }

    /// <summary>What a counter has grown by since a reading that may lie before this window, in it or behind it; nothing for what is no counter.</summary>
    /// <param name="eventMs">When that reading was measured; Unix milliseconds.</param>
    /// <param name="value">Its value.</param>
    public CounterStep IncreaseAfter(long eventMs, double value) => _counter?.After(new(eventMs, value)) ?? default;

    /// <summary>Forgets the readings of a counter but its ends and what lies between: of a row that is only read and merged, and never takes a reading.</summary>
    public void CollapseCounter() => _counter?.Collapse();

    /// <summary>An independent copy.</summary>
    public WindowAggregate Clone()
    {
        var copy = (WindowAggregate)MemberwiseClone();
        copy._sketch = _sketch.Clone();
        copy._proper = _proper?.Clone();
        copy._grid = _grid?.Clone();
        copy._counter = _counter?.Clone();
        return copy;
    }

    /// <summary>Writes the state compactly, a version byte first.</summary>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        var parts = (byte)((_proper is null ? 0 : MeanPart) | (_grid is null ? 0 : GridPart) | (_counter is null ? 0 : CounterPart));
        var span = writer.GetSpan(2);
        (span[0], span[1]) = (parts switch { 0 => Version, MeanPart => VersionWithMean, _ => VersionWithParts }, parts);
        writer.Advance(parts is 0 or MeanPart ? 1 : 2);
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
        _proper?.WriteTo(writer);
        _grid?.WriteTo(writer);
        _counter?.WriteTo(writer);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote and moves <paramref name="source"/> past it.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a state of a known version.</exception>
    public static WindowAggregate ReadFrom(ref ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty || source[0] is not (Version or VersionWithMean or VersionWithParts))
            throw new InvalidDataException($"A stored window state has version {(source.IsEmpty ? "none" : source[0])}; this program reads versions {Version} to {VersionWithParts}.");
        var parts = PartsOf(ref source);
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
        if ((parts & MeanPart) != 0) aggregate._proper = ProperMean.ReadFrom(ref source);
        if ((parts & GridPart) != 0) aggregate._grid = GridQuantiles.ReadFrom(ref source);
        if ((parts & CounterPart) != 0) aggregate._counter = CounterState.ReadFrom(ref source);
        if (aggregate._sketch.Count + (aggregate._grid?.Count ?? 0) != aggregate.Count) throw new InvalidDataException("A stored window state contradicts itself: its sketch has another count.");
        if (aggregate._counter is { IsSum: false, HasRun: false } counter && counter.PointCount != aggregate.Count) throw new InvalidDataException("A stored window state contradicts itself: its counter has another count.");
        return aggregate;
    }

    private static byte PartsOf(ref ReadOnlySpan<byte> source)
    {
        var version = source[0];
        source = source[1..];
        if (version != VersionWithParts) return version == VersionWithMean ? MeanPart : (byte)0;
        if (source.IsEmpty || source[0] > (MeanPart | GridPart | CounterPart)) throw new InvalidDataException("A stored window state has parts that this program does not know.");
        var parts = source[0];
        source = source[1..];
        return parts;
    }

    // A window that an earlier version stored has no counter, but it has its ends.
    private CounterState CounterFor(double rollover) =>
        _counter ??= Count == 0 ? new() : CounterState.OfEnds(FirstMs, First, LastMs, Last, rollover);

    private void MergeCounter(WindowAggregate other)
    {
        if (_counter is null && other._counter is null) return;
        // What an earlier version stored of an area has ends of different meters, which say nothing.
        if (other._counter is { IsSum: true } && _counter is null) _counter = CounterState.Sum(default);
        if (other._counter is not null) CounterFor(0).Merge(other._counter);
        else if (!_counter!.IsSum) _counter.Merge(CounterState.OfEnds(other.FirstMs, other.First, other.LastMs, other.Last, 0));
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
