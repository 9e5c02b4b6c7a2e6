namespace SmartCity.Contracts;

/// <summary>Drive-test samples of one operator in one base tile on one day.</summary>
[GenerateSerializer, Immutable]
public sealed class CoverageTile
{
    /// <summary>MCC-MNC, such as <c>452-04</c>.</summary>
    [Id(0)] public required string Plmn { get; init; }

    /// <summary>Start of the day in UTC+7; Unix milliseconds.</summary>
    [Id(1)] public required long DayMs { get; init; }

    /// <summary>Always of <see cref="TileId.BaseZoom"/>.</summary>
    [Id(2)] public required TileId Tile { get; init; }

    /// <summary><c>rsrp</c>, <c>rsrq</c> or <c>sinr</c>.</summary>
    [Id(3)] public required string Metric { get; init; }

    [Id(4)] public required GridHistogram Histogram { get; init; }

    /// <summary>Highest intake log position of the records in this row. For information: a row and the windows of its readings are committed together.</summary>
    [Id(5)] public required long AppliedThrough { get; init; }
}
