namespace SmartCity.Contracts;

/// <summary>A device as the registry knows it. Devices register themselves with their first accepted message.</summary>
[GenerateSerializer, Immutable]
public sealed record DeviceRecord
{
    [Id(0)] public required string Id { get; init; }

    /// <summary>Region, unit and kind of the newest accepted message.</summary>
    [Id(1)] public required StreamName Stream { get; init; }

    /// <summary>When its first message was accepted; Unix milliseconds.</summary>
    [Id(2)] public required long RegisteredMs { get; init; }

    /// <summary>When its newest message arrived; Unix milliseconds.</summary>
    [Id(3)] public required long LastSeenMs { get; init; }

    /// <summary>Degrees north, WGS 84; NaN when it never said.</summary>
    [Id(4)] public double Latitude { get; init; } = double.NaN;

    /// <summary>Degrees east, WGS 84; NaN when it never said.</summary>
    [Id(5)] public double Longitude { get; init; } = double.NaN;
}
