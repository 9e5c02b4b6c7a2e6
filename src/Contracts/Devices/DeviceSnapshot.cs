namespace SmartCity.Contracts;

/// <summary>What a device grain knows now.</summary>
[GenerateSerializer, Immutable]
public sealed record DeviceSnapshot
{
    [Id(0)] public required string Id { get; init; }

    /// <summary>One entry per kind and metric, newest by event time.</summary>
    [Id(1)] public required IReadOnlyList<LatestValue> Latest { get; init; }

    /// <summary>Readings taken into windows that are not yet stored.</summary>
    [Id(2)] public required long Buffered { get; init; }
}
