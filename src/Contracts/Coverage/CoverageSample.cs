namespace SmartCity.Contracts;

/// <summary>One radio quantity of one drive-test message.</summary>
/// <param name="Position"><see cref="DeviceMessage.Position"/> of the message.</param>
/// <param name="DayMs">Start of its day in UTC+7; Unix milliseconds.</param>
/// <param name="Metric"><c>rsrp</c>, <c>rsrq</c> or <c>sinr</c>.</param>
/// <param name="Bin">Bin of the metric's <see cref="ReportingGrid"/>.</param>
[GenerateSerializer, Immutable]
public readonly record struct CoverageSample(
    [property: Id(0)] long Position, [property: Id(1)] long DayMs, [property: Id(2)] string Metric, [property: Id(3)] int Bin);
