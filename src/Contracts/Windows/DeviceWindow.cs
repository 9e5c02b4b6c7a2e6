namespace SmartCity.Contracts;

/// <summary>One stored window: the readings of one metric of one device in [<see cref="StartMs"/>, StartMs + window).</summary>
[GenerateSerializer, Immutable]
public sealed class DeviceWindow
{
    [Id(0)] public required string DeviceId { get; init; }

    [Id(1)] public required StreamName Stream { get; init; }

    [Id(2)] public required string Metric { get; init; }

    /// <summary>Start of the window, Unix milliseconds, aligned to the window size.</summary>
    [Id(3)] public required long StartMs { get; init; }

    /// <summary>Statistics of all readings taken so far. Belongs to the row: nobody changes it after it was handed over.</summary>
    [Id(4)] public required WindowAggregate Aggregate { get; init; }

    /// <summary>Readings of <see cref="Aggregate"/> that came after the window's lateness had passed.</summary>
    [Id(5)] public long Late { get; init; }

    /// <summary>Readings that were suppressed because this window already had them.</summary>
    [Id(6)] public long Duplicates { get; init; }

    /// <summary>Intake log position of the last record this row has absorbed: replay skips what is not behind it.</summary>
    [Id(7)] public long AppliedThrough { get; init; }

    /// <summary>1 for the first emission, +1 for each correction.</summary>
    [Id(8)] public int Revision { get; init; }

    /// <summary>Event times and sequence numbers already taken, as <see cref="SeenReadings"/> encodes them.</summary>
    [Id(9)] public byte[] Seen { get; init; } = [];

    /// <summary>The gateway whose log <see cref="AppliedThrough"/> is a position of; 0 when there is one gateway, in the same process.</summary>
    [Id(10)] public int Gateway { get; init; }

    /// <summary>The same for other gateways that brought readings of this window; null for none.</summary>
    [Id(11)] public IReadOnlyList<GatewayPosition>? Others { get; init; }
}
