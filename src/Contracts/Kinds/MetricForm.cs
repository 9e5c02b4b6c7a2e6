namespace SmartCity.Contracts;

/// <summary>What kind of quantity a metric is, and with it how its windows keep statistics.</summary>
/// <param name="Mean">The mean that says something of it.</param>
/// <param name="Grid">The report grid whose bins its percentiles are counted in; null for a relative-error sketch.</param>
/// <param name="IsCounter">True for a total that only grows until it is reset, such as the kWh of a meter.</param>
/// <param name="Rollover">Of a counter: the value at which its register begins again at 0, such as 100000 of five digits; 0 when it has no such end.</param>
public sealed record MetricForm(MeanKind Mean = MeanKind.Arithmetic, ReportingGrid? Grid = null, bool IsCounter = false, double Rollover = 0)
{
    private static readonly MetricForm[] s_byMean = [new(), new(MeanKind.Power), new(MeanKind.Vector)];

    /// <summary>A quantity of which nothing special is known.</summary>
    public static MetricForm Plain => s_byMean[0];

    /// <summary>A total without an end of its register.</summary>
    public static MetricForm Counter { get; } = new(IsCounter: true);

    /// <summary>The form that only names a mean.</summary>
    public static MetricForm Of(MeanKind mean) => s_byMean[(int)mean];

    /// <summary>A total whose register begins again at 0.</summary>
    /// <param name="rollover">The value that it never shows: 100000 for five digits, 2³² for 32 bits.</param>
    public static MetricForm CounterTo(double rollover) => new(IsCounter: true, Rollover: rollover);
}
