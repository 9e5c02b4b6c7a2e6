namespace SmartCity.Contracts;

/// <summary>Everything that becomes durable together, in one transaction.</summary>
public sealed class StoreCommit
{
    public List<DeviceWindow> Windows { get; } = [];

    public List<AreaWindow> Areas { get; } = [];

    /// <summary>Readings of <see cref="Windows"/> as they were measured; empty when raw readings are not kept.</summary>
    public List<ReadingBlock> Readings { get; } = [];

    public List<(string DeviceId, LatestValue Value)> Latest { get; } = [];

    public List<DeviceRecord> Devices { get; } = [];

    public List<CoverageTile> Tiles { get; } = [];

    public List<DeadLetter> DeadLetters { get; } = [];

    /// <summary>Added to what is stored.</summary>
    public List<AcceptedCount> Accepted { get; } = [];

    /// <summary>What is to be merged into stored windows of areas; only a store that several processes write to takes it (<see cref="ISharedStore"/>).</summary>
    public List<AreaWindow> AreaDeltas { get; } = [];

    /// <summary>The same for coverage tiles.</summary>
    public List<CoverageTile> TileDeltas { get; } = [];

    /// <summary>Who commits, for a store that several processes write to; null: there is one writer.</summary>
    public CommitOrigin? Origin { get; set; }

    /// <summary>Accepted counts cover every record up to this position; null leaves the stored mark.</summary>
    public long? AcceptedThrough { get; set; }

    /// <summary>Replay starts behind this position: everything up to it is in the store. Null leaves the stored mark.</summary>
    public long? Checkpoint { get; set; }

    public bool IsEmpty => Windows.Count == 0 && Areas.Count == 0 && Readings.Count == 0 && Latest.Count == 0 && Devices.Count == 0 && Tiles.Count == 0
        && AreaDeltas.Count == 0 && TileDeltas.Count == 0 && DeadLetters.Count == 0 && Accepted.Count == 0 && AcceptedThrough is null && Checkpoint is null;

    /// <summary>A commit of windows alone.</summary>
    public static StoreCommit Of(IReadOnlyList<DeviceWindow> windows, IReadOnlyList<AreaWindow> areas)
    {
        var commit = new StoreCommit();
        commit.Windows.AddRange(windows);
        commit.Areas.AddRange(areas);
        return commit;
    }
}
