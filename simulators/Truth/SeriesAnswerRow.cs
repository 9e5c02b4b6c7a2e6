namespace SmartCity.Simulators;

/// <summary>One row of a series, as the platform's API shows it.</summary>
internal sealed record SeriesAnswerRow(DateTimeOffset Start, long Count, double Min, double Max, double Mean, double First, double Last)
{
    public double Stddev { get; init; }

    public double P50 { get; init; }

    public double P95 { get; init; }

    public double P99 { get; init; }

    public double? PowerMean { get; init; }

    public double? VectorMean { get; init; }

    /// <summary>Of a counter: what it has grown by, with the step from the reading before the row.</summary>
    public double? Increase { get; init; }

    public long? Resets { get; init; }

    public string Describe() => FormattableString.Invariant($"count {Count}, sum {Mean * Count:G10}, min {Min}, max {Max}, first {First}, last {Last}");
}
