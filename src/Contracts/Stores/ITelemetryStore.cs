namespace SmartCity.Contracts;

/// <summary>The durable state of the platform. One process writes; any number of readers.</summary>
public interface ITelemetryStore : ISeriesStore, IAsyncDisposable
{
    /// <summary>Opens the store, creating or migrating its schema.</summary>
    /// <exception cref="StoreUnavailableException">The folder cannot be written, or the file is not ours or from a newer version.</exception>
    Task<StoreMarks> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Makes everything in <paramref name="commit"/> durable in one transaction, or nothing of it.</summary>
    Task CommitAsync(StoreCommit commit, CancellationToken cancellationToken);

    Task<IReadOnlyList<DeviceRecord>> ListDevicesAsync(CancellationToken cancellationToken);

    /// <summary>Latest values of a device; empty when it has none.</summary>
    ValueTask<IReadOnlyList<LatestValue>> LoadLatestAsync(string deviceId);

    /// <summary>A stored window with its full mergeable state, or null.</summary>
    ValueTask<DeviceWindow?> LoadWindowAsync(WindowKey key);

    ValueTask<AreaWindow?> LoadAreaWindowAsync(string area, string kind, string metric, long startMs);

    ValueTask<CoverageTile?> LoadTileAsync(string plmn, long dayMs, TileId tile, string metric);

    /// <summary>Device windows with full state, <c>from ≤ start &lt; to</c>, ascending by start; several rows may share a start (a device that moved).</summary>
    Task<IReadOnlyList<DeviceWindow>> ReadWindowsAsync(string deviceId, string metric, long fromMs, long toMs, CancellationToken cancellationToken);

    /// <summary>Area windows with full state, <c>from ≤ start &lt; to</c>, ascending by start.</summary>
    Task<IReadOnlyList<AreaWindow>> ReadAreaWindowsAsync(string area, string kind, string metric, long fromMs, long toMs, CancellationToken cancellationToken);

    /// <summary>
    /// Statistics of a device's metric, ascending by start: rows of <paramref name="tier"/> where they are built and nothing below them is changing, windows elsewhere.
    /// </summary>
    /// <param name="tier">Null: windows only. A store without tiers gives windows.</param>
    /// <param name="open">Starts of windows that somebody has in a newer version: where they are, windows are given.</param>
    async Task<IReadOnlyList<RolledWindow>> ReadRolledAsync(
        string deviceId, string metric, long fromMs, long toMs, TimeTier? tier, IReadOnlySet<long> open, CancellationToken cancellationToken) =>
        [.. (await ReadWindowsAsync(deviceId, metric, fromMs, toMs, cancellationToken)).Select(RolledWindow.From)];

    /// <summary>The same of an area.</summary>
    async Task<IReadOnlyList<RolledWindow>> ReadRolledAreaAsync(
        string area, string kind, string metric, long fromMs, long toMs, TimeTier? tier, CancellationToken cancellationToken) =>
        [.. (await ReadAreaWindowsAsync(area, kind, metric, fromMs, toMs, cancellationToken)).Select(RolledWindow.From)];

    /// <summary>Readings as they were measured, in the order of their marks; none where they are not kept (<c>Raw:Store</c>).</summary>
    Task<ReadingPage> ReadReadingsAsync(ReadingQuery query, CancellationToken cancellationToken);

    /// <summary>Coverage rows of an operator (null: of all) inside <paramref name="tile"/>, days in [from, to).</summary>
    Task<IReadOnlyList<CoverageTile>> ReadTilesAsync(
        TileId tile, string metric, string? plmn, long fromMs, long toMs, CancellationToken cancellationToken);

    /// <summary>Ledger rows with hours in [from, to), of one device or (null) of all.</summary>
    Task<IReadOnlyList<LedgerRow>> ReadLedgerAsync(long fromMs, long toMs, string? deviceId, CancellationToken cancellationToken);

    /// <summary>Newest dead letters first.</summary>
    Task<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(string? deviceId, int limit, CancellationToken cancellationToken);

    /// <summary>Newest dead letters first, of those that were not taken in again yet, of one device and reason or (null) of all.</summary>
    Task<IReadOnlyList<DeadLetter>> ReadWaitingDeadLettersAsync(string? deviceId, string? reason, int limit, CancellationToken cancellationToken);

    /// <summary>Notes that dead letters, and others of the same positions, were taken in again; they stay, and so does what the ledger says of them.</summary>
    Task MarkReplayedAsync(IReadOnlyList<DeadLetter> letters, long atMs, CancellationToken cancellationToken);
}
