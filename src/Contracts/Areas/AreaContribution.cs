namespace SmartCity.Contracts;

/// <summary>What a window below adds to the same window of an area.</summary>
[GenerateSerializer, Immutable]
public sealed record AreaContribution(
    [property: Id(0)] string Kind, [property: Id(1)] string Metric, [property: Id(2)] long StartMs, [property: Id(3)] WindowAggregate Aggregate);
