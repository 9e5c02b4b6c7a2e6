using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>Plain statistics of the readings of one window, worked out from all of them and not with the platform's code.</summary>
internal sealed class Tally
{
    private List<double> _values = [];
    private bool _sorted = true;

    public long Count => _values.Count;

    public double Sum { get; private set; }

    /// <summary>Sum of absolute values: what the rounding errors of a sum are measured by.</summary>
    public double Weight { get; private set; }

    public double Min { get; private set; } = double.PositiveInfinity;

    public double Max { get; private set; } = double.NegativeInfinity;

    public long FirstMs { get; private set; } = long.MaxValue;

    /// <summary>The value measured first; of two at the same instant, the smaller.</summary>
    public double First { get; private set; }

    public long LastMs { get; private set; } = long.MinValue;

    /// <summary>The value measured last; of two at the same instant, the larger.</summary>
    public double Last { get; private set; }

    public void Add(long ms, double value)
    {
        _values.Add(value);
        _sorted = false;
        Sum += value;
        Weight += Math.Abs(value);
        Min = Math.Min(Min, value);
        Max = Math.Max(Max, value);
        if (ms < FirstMs || (ms == FirstMs && value < First)) (FirstMs, First) = (ms, value);
        if (ms > LastMs || (ms == LastMs && value > Last)) (LastMs, Last) = (ms, value);
    }

    /// <summary>The value at rank ⌊q(n−1)⌋; NaN without readings.</summary>
    public double Quantile(double q)
    {
        if (_values.Count == 0) return double.NaN;
        if (!_sorted) _values.Sort();
        _sorted = true;
        return _values[(int)(q * (_values.Count - 1))];
    }

    /// <summary>Population standard deviation, in two passes.</summary>
    public double StandardDeviation()
    {
        var mean = Sum / Count;
        return Math.Sqrt(_values.Sum(v => (v - mean) * (v - mean)) / Count);
    }

    /// <summary>The level of the mean power, dB or dBm; the mean direction, degrees; null for a kind without such a mean, and where directions nearly cancel out.</summary>
    public double? ProperMean(MeanKind kind)
    {
        if (kind == MeanKind.Power) return 10 * Math.Log10(_values.Sum(v => Math.Pow(10, v / 10)) / Count);
        if (kind != MeanKind.Vector) return null;
        var (sin, cos) = (_values.Sum(v => Math.Sin(v * Math.PI / 180)), _values.Sum(v => Math.Cos(v * Math.PI / 180)));
        return Math.Sqrt((sin * sin) + (cos * cos)) < 1e-6 * Count ? null : ((Math.Atan2(sin, cos) * 180 / Math.PI) + 360) % 360;
    }

    public Tally Clone()
    {
        var copy = (Tally)MemberwiseClone();
        copy._values = [.. _values];
        return copy;
    }
}
