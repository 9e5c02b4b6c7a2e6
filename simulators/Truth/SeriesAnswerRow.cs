namespace SmartCity.Simulators;

/// <summary>One row of a series, as the platform's API shows it.</summary>
internal sealed record SeriesAnswerRow(DateTimeOffset Start, long Count, double Min, double Max, double Mean, double First, double Last)
{
    public string Describe() => FormattableString.Invariant($"count {Count}, sum {Mean * Count:G10}, min {Min}, max {Max}, first {First}, last {Last}");
}
