namespace SmartCity.Silo;

/// <summary>A series of a device, or of an area's kind.</summary>
internal sealed record SeriesAnswer(
    string? Device, string? Area, string? Kind, string Metric, string? Unit, int StepSeconds, IReadOnlyList<SeriesItem> Rows);

/// <summary>Statistics of the readings in [Start, Start + step). The standard deviation is the population one; percentiles are within 1 %.</summary>
/// <param name="Mean">Arithmetic mean, whatever the metric.</param>
/// <param name="PowerMean">Level of the mean power of levels (dB, dBm); null for other metrics.</param>
/// <param name="VectorMean">Mean of directions, degrees; null for other metrics, and when directions cancel out.</param>
internal sealed record SeriesItem(
    DateTimeOffset Start, long Count, double Min, double Max, double Mean, double Stddev, double First, double Last, double P50, double P95, double P99,
    double? PowerMean, double? VectorMean)
{
    public static SeriesItem From(SeriesRow row) => new(
        ApiTime.At(row.StartMs), row.Count, row.Min, row.Max, row.Mean, row.StdDev, row.First, row.Last, row.P50, row.P95, row.P99,
        ApiExtensions.Known(row.PowerMean), ApiExtensions.Known(row.VectorMean));
}
