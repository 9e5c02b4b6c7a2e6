namespace SmartCity.Contracts;

/// <summary>The last measured value of one metric (by event time, not by arrival).</summary>
[GenerateSerializer, Immutable]
public sealed record LatestValue(
    [property: Id(0)] string Kind, [property: Id(1)] string Metric, [property: Id(2)] long EventMs, [property: Id(3)] double Value);
