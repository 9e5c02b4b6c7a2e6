using System.Buffers;

namespace SmartCity.Contracts;

/// <summary>
/// What a window keeps of a counter. Of one meter: its readings in the order of time, because a late one between two others may undo a reset or make one. Of several meters (an
/// area): only the sums of increases and resets, because readings of different meters have no order.
/// </summary>
/// <remarks>
/// At most <see cref="MaxPoints"/> readings are kept, 16 bytes each; of more, the earlier half becomes a <see cref="CounterRun"/>. A reading that comes later and lies inside the run
/// changes nothing: it is taken for one that fits in.
/// </remarks>
[GenerateSerializer]
internal sealed class CounterState
{
    /// <summary>Readings kept one by one: a reading a second for 17 minutes, or 85 windows of a minute with a reading every five seconds.</summary>
    public const int MaxPoints = 1024;

    [Id(0)] private CounterRun? _run; // before all points
    [Id(1)] private CounterPoint[] _points = [];
    [Id(2)] private int _count;
    [Id(3)] private double _rollover;
    [Id(4)] private bool _isSum;
    [Id(5)] private CounterStep _sum;

    /// <summary>True when it is the sum of several meters, or of what one adds to a sum.</summary>
    public bool IsSum => _isSum;

    /// <summary>The value with which the register begins again at 0; 0 when it has no end.</summary>
    public double Rollover => _rollover;

    /// <summary>Readings kept one by one.</summary>
    public int PointCount => _count;

    /// <summary>True when some readings are not kept one by one.</summary>
    public bool HasRun => _run is not null;

    /// <summary>Increase and resets from the first reading to the last, or of all meters.</summary>
    public CounterStep Total
    {
        get
        {
            if (_isSum) return _sum;
            if (_run is null && _count == 0) return default;
            var run = Through(_count);
            return new(run.Increase, run.Resets);
        }
    }

    /// <summary>The sum that one meter, or several, add to an area.</summary>
    public static CounterState Sum(CounterStep step) => new() { _isSum = true, _sum = step };

    /// <summary>What is known of a window that an earlier version stored: where it began and where it ended.</summary>
    public static CounterState OfEnds(long firstMs, double first, long lastMs, double last, double rollover)
    {
        var step = CounterStep.Between(first, last, rollover);
        return new() { _run = new(firstMs, first, lastMs, last, step.Increase, step.Resets), _rollover = rollover };
    }

    public void Add(long eventMs, double value, double rollover)
    {
        if (_isSum) throw new InvalidOperationException("A sum of several counters takes no readings; merge the window of the reading's own meter.");
        _rollover = rollover;
        Insert(new(eventMs, value));
    }

    /// <summary>Adds what another holds: two of the same meter in the order of time, whichever is the later, with the step between them; sums otherwise.</summary>
    public void Merge(CounterState other)
    {
        if (_isSum || other._isSum)
        {
            (_sum, _isSum) = (Total + other.Total, true);
            (_run, _points, _count) = (null, [], 0);
            return;
        }

        if (other.IsEmpty) return;
        if (other._rollover > 0) _rollover = other._rollover;
        if (IsEmpty || Last <= other.First) Append(other);
        else if (other.Last <= First)
        {
            var later = Clone();
            (_run, _points, _count) = (other._run, other._points[..other._count], other._count);
            Append(later);
        }
        else if (_run is null && other._run is null) Interleave(other);
        else
        {
            // Both are of the same time, and one of them does not know its readings: a device that told two units, later than anybody asks. No step lies between.
            var (a, b) = (Through(_count), other.Through(other._count));
            var first = new CounterPoint(a.FirstMs, a.First) <= new CounterPoint(b.FirstMs, b.First) ? a : b;
            var last = new CounterPoint(a.LastMs, a.Last) >= new CounterPoint(b.LastMs, b.Last) ? a : b;
            (_run, _count) = (new(first.FirstMs, first.First, last.LastMs, last.Last, a.Increase + b.Increase, a.Resets + b.Resets), 0);
        }
    }

    /// <summary>Increase and resets of what was measured after a reading, with the step from it.</summary>
    public CounterStep After(CounterPoint reading)
    {
        var sum = default(CounterStep);
        if (_run is { } run && new CounterPoint(run.LastMs, run.Last) > reading)
        {
            // A reading inside the run: how the run went on from there is not known, only where it ended.
            sum = new CounterPoint(run.FirstMs, run.First) > reading
                ? CounterStep.Between(reading.Value, run.First, _rollover) + new CounterStep(run.Increase, run.Resets)
                : CounterStep.Between(reading.Value, run.Last, _rollover);
            reading = new(run.LastMs, run.Last);
        }

        for (var i = IndexAfter(reading); i < _count; i++)
        {
            sum += CounterStep.Between(reading.Value, _points[i].Value, _rollover);
            reading = _points[i];
        }

        return sum;
    }

    /// <summary>Keeps only where it begins and ends, and what lies between.</summary>
    public void Collapse() => Collapse(_count);

    /// <summary>An independent copy.</summary>
    public CounterState Clone()
    {
        var copy = (CounterState)MemberwiseClone();
        copy._points = _points.AsSpan(0, _count).ToArray();
        return copy;
    }

    public void WriteTo(IBufferWriter<byte> writer) => CounterCodec.Write(writer, new(_isSum, _sum, _rollover, _run), _points.AsSpan(0, _count));

    /// <exception cref="InvalidDataException">The bytes are no such state.</exception>
    public static CounterState ReadFrom(ref ReadOnlySpan<byte> source)
    {
        var (head, points) = CounterCodec.Read(ref source);
        return new() { _isSum = head.IsSum, _sum = head.Sum, _rollover = head.Rollover, _run = head.Run, _points = points, _count = points.Length };
    }

    private bool IsEmpty => _run is null && _count == 0;

    private CounterPoint First => _run is { } run ? new(run.FirstMs, run.First) : _points[0];

    private CounterPoint Last => _count > 0 ? _points[_count - 1] : new(_run!.Value.LastMs, _run.Value.Last);

    // All of the other is later.
    private void Append(CounterState other)
    {
        if (other._run is { } run)
        {
            _run = IsEmpty ? run : Through(_count).Then(run, _rollover);
            _count = 0;
        }

        foreach (var point in other._points.AsSpan(0, other._count)) Insert(point);
    }

    // First all readings, then the limit: a reading must not find itself inside a run that the others have just become.
    private void Interleave(CounterState other)
    {
        var points = new CounterPoint[_count + other._count];
        var (i, j) = (0, 0);
        for (var at = 0; at < points.Length; at++) points[at] = j == other._count || (i < _count && _points[i] <= other._points[j]) ? _points[i++] : other._points[j++];
        (_points, _count) = (points, points.Length);
        if (_count >= MaxPoints) Collapse(_count - (MaxPoints / 2));
    }

    private void Insert(CounterPoint point)
    {
        if (_run is { } run && point < new CounterPoint(run.LastMs, run.Last))
        {
            if (point < new CounterPoint(run.FirstMs, run.First)) _run = CounterRun.Of(point).Then(run, _rollover);
            return;
        }

        var at = IndexAfter(point);
        if (_count == _points.Length) Array.Resize(ref _points, _count < 4 ? _count + 1 : Math.Min(MaxPoints, _count + (_count >> 1)));
        Array.Copy(_points, at, _points, at + 1, _count - at);
        _points[at] = point;
        if (++_count == MaxPoints) Collapse(MaxPoints / 2);
    }

    // Readings mostly come in order, so this is mostly one comparison.
    private int IndexAfter(CounterPoint point)
    {
        if (_count == 0 || _points[_count - 1] <= point) return _count;
        var (low, high) = (0, _count - 1);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_points[middle] <= point) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private void Collapse(int through)
    {
        if (through == 0) return;
        _run = Through(through);
        Array.Copy(_points, through, _points, 0, _count - through);
        _count -= through;
    }

    private CounterRun Through(int count)
    {
        var run = _run ?? CounterRun.Of(_points[0]);
        for (var i = _run is null ? 1 : 0; i < count; i++) run = run.Then(CounterRun.Of(_points[i]), _rollover);
        return run;
    }
}
