using SmartCity.Contracts;

namespace SmartCity.Grains.Tests;

/// <summary>A store that fails when a test says so.</summary>
internal sealed class FaultyStore(ITelemetryStore inner) : ITelemetryStore
{
    public static StoreUnavailableException Away => new("The store is away.");

    /// <summary>Asked before each commit; nothing of a commit that fails is stored.</summary>
    public Func<bool> FailsCommit { get; set; } = () => false;

    /// <summary>Asked before each load of an area's window or a tile.</summary>
    public Func<bool> FailsAreaLoad { get; set; } = () => false;

    /// <summary>Thrown by each load of a device's window (of the metric) or latest values (null), unless it gives null.</summary>
    public Func<string?, Exception?> DeviceLoadError { get; set; } = _ => null;

    /// <summary>Called with each commit once it is durable.</summary>
    public Action<StoreCommit> Committed { get; set; } = _ => { };

    public int WindowLoads { get; private set; }

    public Task<StoreMarks> OpenAsync(CancellationToken cancellationToken) => inner.OpenAsync(cancellationToken);

    public async Task CommitAsync(StoreCommit commit, CancellationToken cancellationToken)
    {
        if (FailsCommit()) throw Away;
        await inner.CommitAsync(commit, cancellationToken);
        Committed(commit);
    }

    public async ValueTask<IReadOnlyList<LatestValue>> LoadLatestAsync(string deviceId)
    {
        await Task.Yield(); // really asynchronous, so that other turns come between
        return DeviceLoadError(null) is { } error ? throw error : await inner.LoadLatestAsync(deviceId);
    }

    public async ValueTask<DeviceWindow?> LoadWindowAsync(WindowKey key)
    {
        WindowLoads++;
        await Task.Yield();
        return DeviceLoadError(key.Metric) is { } error ? throw error : await inner.LoadWindowAsync(key);
    }

    public async ValueTask<AreaWindow?> LoadAreaWindowAsync(string area, string kind, string metric, long startMs)
    {
        await Task.Yield();
        return FailsAreaLoad() ? throw Away : await inner.LoadAreaWindowAsync(area, kind, metric, startMs);
    }

    public async ValueTask<CoverageTile?> LoadTileAsync(string plmn, long dayMs, TileId tile, string metric)
    {
        await Task.Yield();
        return FailsAreaLoad() ? throw Away : await inner.LoadTileAsync(plmn, dayMs, tile, metric);
    }

    public Task<IReadOnlyList<DeviceRecord>> ListDevicesAsync(CancellationToken cancellationToken) => inner.ListDevicesAsync(cancellationToken);

    public Task<IReadOnlyList<DeviceWindow>> ReadWindowsAsync(string deviceId, string metric, long fromMs, long toMs, CancellationToken cancellationToken) =>
        inner.ReadWindowsAsync(deviceId, metric, fromMs, toMs, cancellationToken);

    public Task<IReadOnlyList<AreaWindow>> ReadAreaWindowsAsync(
        string area, string kind, string metric, long fromMs, long toMs, CancellationToken cancellationToken) =>
        inner.ReadAreaWindowsAsync(area, kind, metric, fromMs, toMs, cancellationToken);

    public Task<IReadOnlyList<CoverageTile>> ReadTilesAsync(
        TileId tile, string metric, string? plmn, long fromMs, long toMs, CancellationToken cancellationToken) =>
        inner.ReadTilesAsync(tile, metric, plmn, fromMs, toMs, cancellationToken);

    public Task<ReadingPage> ReadReadingsAsync(ReadingQuery query, CancellationToken cancellationToken) => inner.ReadReadingsAsync(query, cancellationToken);

    public Task<IReadOnlyList<LedgerRow>> ReadLedgerAsync(long fromMs, long toMs, string? deviceId, CancellationToken cancellationToken) =>
        inner.ReadLedgerAsync(fromMs, toMs, deviceId, cancellationToken);

    public Task<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(string? deviceId, int limit, CancellationToken cancellationToken) =>
        inner.ReadDeadLettersAsync(deviceId, limit, cancellationToken);

    public Task<IReadOnlyList<DeadLetter>> ReadWaitingDeadLettersAsync(string? deviceId, string? reason, int limit, CancellationToken cancellationToken) =>
        inner.ReadWaitingDeadLettersAsync(deviceId, reason, limit, cancellationToken);

    public Task MarkReplayedAsync(IReadOnlyList<DeadLetter> letters, long atMs, CancellationToken cancellationToken) => inner.MarkReplayedAsync(letters, atMs, cancellationToken);

    public Task WriteAsync(IReadOnlyList<DeviceWindow> windows, IReadOnlyList<AreaWindow> areas, CancellationToken cancellationToken) =>
        inner.WriteAsync(windows, areas, cancellationToken);

    public Task<IReadOnlyList<SeriesRow>> ReadDeviceAsync(string deviceId, string metric, long fromMs, long toMs, CancellationToken cancellationToken) =>
        inner.ReadDeviceAsync(deviceId, metric, fromMs, toMs, cancellationToken);

    public Task<IReadOnlyList<SeriesRow>> ReadAreaAsync(
        string area, string kind, string metric, long fromMs, long toMs, CancellationToken cancellationToken) =>
        inner.ReadAreaAsync(area, kind, metric, fromMs, toMs, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
