namespace SmartCity.Contracts;

/// <summary>One stored window of an area: everything its devices measured of one metric in [<see cref="StartMs"/>, StartMs + window).</summary>
[GenerateSerializer, Immutable]
public sealed class AreaWindow
{
    /// <summary>Area code: a unit (<c>sg</c>), a region (<c>nam</c>) or the nation (<c>vn</c>).</summary>
    [Id(0)] public required string Area { get; init; }

    [Id(1)] public required string Kind { get; init; }

    [Id(2)] public required string Metric { get; init; }

    /// <summary>Start of the window, Unix milliseconds.</summary>
    [Id(3)] public required long StartMs { get; init; }

    [Id(4)] public required WindowAggregate Aggregate { get; init; }

    /// <summary>1 for the first emission, +1 for each correction.</summary>
    [Id(5)] public int Revision { get; init; }
}
