namespace SmartCity.Contracts;

/// <summary>What a counter has grown by between two readings.</summary>
[GenerateSerializer, Immutable]
public readonly record struct CounterStep([property: Id(0)] double Increase, [property: Id(1)] long Resets)
{
    /// <summary>
    /// A value that is not smaller: the difference. A smaller one: the counter was reset in between and has counted the new value since, as Prometheus takes it
    /// (what it counted before the reset and after the earlier reading is unknown, so the increase is the least that it can be). Where the register has an end
    /// and the way over it is shorter than half of it, the register has begun again, and nothing is lost.
    /// </summary>
    /// <param name="from">The earlier value.</param>
    /// <param name="to">The later value.</param>
    /// <param name="rollover">See <see cref="MetricForm.Rollover"/>; 0 for none.</param>
    public static CounterStep Between(double from, double to, double rollover = 0)
    {
        if (to >= from) return new(to - from, 0);
        var over = to + rollover - from;
        return rollover > 0 && to >= 0 && from <= rollover && over < rollover / 2 ? new(over, 0) : new(Math.Max(0, to), 1);
    }

    public static CounterStep operator +(CounterStep a, CounterStep b) => new(a.Increase + b.Increase, a.Resets + b.Resets);
}
