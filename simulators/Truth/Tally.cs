namespace SmartCity.Simulators;

/// <summary>Plain statistics of the readings of one window, worked out for themselves and not with the platform's code.</summary>
internal sealed class Tally
{
    public long Count { get; private set; }

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
        Count++;
        Sum += value;
        Weight += Math.Abs(value);
        Min = Math.Min(Min, value);
        Max = Math.Max(Max, value);
        if (ms < FirstMs || (ms == FirstMs && value < First)) (FirstMs, First) = (ms, value);
        if (ms > LastMs || (ms == LastMs && value > Last)) (LastMs, Last) = (ms, value);
    }

    public Tally Clone() => (Tally)MemberwiseClone();
}
