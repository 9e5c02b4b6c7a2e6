namespace SmartCity.Contracts;

/// <summary>One row of a series: the statistics of [Start, Start + step).</summary>
/// <param name="StartMs">Start of the row; Unix milliseconds.</param>
/// <param name="StdDev">Population standard deviation, √(M2/n).</param>
/// <param name="PowerMean">Level of the mean power of levels (dB, dBm); NaN for other metrics.</param>
/// <param name="VectorMean">Mean of directions, degrees; NaN for other metrics.</param>
/// <param name="P50">Median, within 1 % or half a step of the metric's report grid; likewise <paramref name="P95"/> and <paramref name="P99"/>.</param>
/// <param name="Increase">What a counter has grown by; NaN for other metrics. Of a device between the first and the last reading of the row, without the step from the row before.</param>
/// <param name="Resets">How often a counter fell; likewise.</param>
public readonly record struct SeriesRow(
    long StartMs, long Count, double Min, double Max, double Mean, double StdDev, double First, double Last, double P50, double P95, double P99,
    double PowerMean = double.NaN, double VectorMean = double.NaN, double Increase = double.NaN, long Resets = 0)
{
    public static SeriesRow From(long startMs, WindowAggregate aggregate)
    {
        ArgumentNullException.ThrowIfNull(aggregate);
        return new(startMs, aggregate.Count, aggregate.Min, aggregate.Max, aggregate.Mean, aggregate.StdDev, aggregate.First, aggregate.Last,
            aggregate.Quantile(0.5), aggregate.Quantile(0.95), aggregate.Quantile(0.99), aggregate.PowerMean, aggregate.VectorMean,
            aggregate.Increase, aggregate.Resets);
    }
}
