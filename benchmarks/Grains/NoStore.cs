using SmartCity.Contracts;

namespace SmartCity.Benchmarks;

/// <summary>Has nothing and takes everything at once: what is left is the work of the grains.</summary>
internal sealed class NoStore : ITelemetryStore
{
    /// <summary>Windows taken so far.</summary>
    public long Windows { get; private set; }

    public Task<StoreMarks> OpenAsync(CancellationToken cancellationToken) => Task.FromResult(new StoreMarks(-1, -1));

    public Task CommitAsync(StoreCommit commit, CancellationToken cancellationToken)
    {
        Windows += commit.Windows.Count;
        return Task.CompletedTask;
    }

    public Task WriteAsync(IReadOnlyList<DeviceWindow> windows, IReadOnlyList<AreaWindow> areas, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<DeviceRecord>> ListDevicesAsync(CancellationToken cancellationToken) => Nothing<DeviceRecord>();

    public ValueTask<IReadOnlyList<LatestValue>> LoadLatestAsync(string deviceId) => new([]);

    public ValueTask<DeviceWindow?> LoadWindowAsync(WindowKey key) => default;

    public ValueTask<AreaWindow?> LoadAreaWindowAsync(string area, string kind, string metric, long startMs) => default;

    public ValueTask<CoverageTile?> LoadTileAsync(string plmn, long dayMs, TileId tile, string metric) => default;

    public Task<IReadOnlyList<DeviceWindow>> ReadWindowsAsync(string deviceId, string metric, long fromMs, long toMs, CancellationToken cancellationToken) => Nothing<DeviceWindow>();

    public Task<IReadOnlyList<AreaWindow>> ReadAreaWindowsAsync(string area, string kind, string metric, long fromMs, long toMs, CancellationToken cancellationToken) => Nothing<AreaWindow>();

    public Task<IReadOnlyList<CoverageTile>> ReadTilesAsync(TileId tile, string metric, string? plmn, long fromMs, long toMs, CancellationToken cancellationToken) => Nothing<CoverageTile>();

    public Task<ReadingPage> ReadReadingsAsync(ReadingQuery query, CancellationToken cancellationToken) => Task.FromResult(ReadingPage.Empty);

    public Task<IReadOnlyList<LedgerRow>> ReadLedgerAsync(long fromMs, long toMs, string? deviceId, CancellationToken cancellationToken) => Nothing<LedgerRow>();

    public Task<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(string? deviceId, int limit, CancellationToken cancellationToken) => Nothing<DeadLetter>();

    public Task<IReadOnlyList<SeriesRow>> ReadDeviceAsync(string deviceId, string metric, long fromMs, long toMs, CancellationToken cancellationToken) => Nothing<SeriesRow>();

    public Task<IReadOnlyList<SeriesRow>> ReadAreaAsync(string area, string kind, string metric, long fromMs, long toMs, CancellationToken cancellationToken) => Nothing<SeriesRow>();

    public Task<IReadOnlyList<DeadLetter>> ReadWaitingDeadLettersAsync(string? deviceId, string? reason, int limit, CancellationToken cancellationToken) => Nothing<DeadLetter>();

    public Task MarkReplayedAsync(IReadOnlyList<DeadLetter> letters, long atMs, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => default;

    private static Task<IReadOnlyList<T>> Nothing<T>() => Task.FromResult<IReadOnlyList<T>>([]);
}
