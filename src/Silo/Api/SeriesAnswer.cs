namespace SmartCity.Silo;

/// <summary>A series of a device, or of an area's kind.</summary>
internal sealed record SeriesAnswer(
    string? Device, string? Area, string? Kind, string Metric, string? Unit, int StepSeconds, IReadOnlyList<SeriesItem> Rows);

/// <summary>Statistics of the readings in [Start, Start + step). The standard deviation is the population one; percentiles are within 1 %, those of RSRP, RSRQ and SINR within half a step of the report grid.</summary>
/// <param name="Mean">Arithmetic mean, whatever the metric.</param>
/// <param name="PowerMean">Level of the mean power of levels (dB, dBm); null for other metrics.</param>
/// <param name="VectorMean">Mean of directions, degrees; null for other metrics, and when directions cancel out.</param>
/// <param name="Increase">What a counter has grown by in this row, with the step from the reading before it; null for other metrics. Rows add up to the whole.</param>
/// <param name="Resets">How often a counter fell; null for other metrics.</param>
/// <param name="RatePerSecond">The increase by the row's whole length; null for other metrics.</param>
internal sealed record SeriesItem(
    DateTimeOffset Start, long Count, double Min, double Max, double Mean, double Stddev, double First, double Last, double P50, double P95, double P99,
    double? PowerMean, double? VectorMean, double? Increase, long? Resets, double? RatePerSecond)
{
    public static SeriesItem From(SeriesRow row, long stepMs) => new(
        ApiTime.At(row.StartMs), row.Count, row.Min, row.Max, row.Mean, row.StdDev, row.First, row.Last, row.P50, row.P95, row.P99,
        ApiExtensions.Known(row.PowerMean), ApiExtensions.Known(row.VectorMean),
        ApiExtensions.Known(row.Increase), double.IsNaN(row.Increase) ? null : row.Resets, ApiExtensions.Known(row.Increase * 1000 / stepMs));
}
