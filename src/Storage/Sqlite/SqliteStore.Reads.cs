using Microsoft.Data.Sqlite;
using SmartCity.Contracts;

namespace SmartCity.Storage;

public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<DeviceRecord>> ListDevicesAsync(CancellationToken cancellationToken) =>
        ReadAsync(0, static (session, _) => StoreReader.Devices(session), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LatestValue>> LoadLatestAsync(string deviceId) =>
        new(Read(deviceId, static (session, id) => StoreReader.Latest(session, id)));

    /// <inheritdoc/>
    public ValueTask<DeviceWindow?> LoadWindowAsync(WindowKey key) => new(Read(key, static (session, k) => StoreReader.Window(session, k)));

    /// <inheritdoc/>
    public ValueTask<AreaWindow?> LoadAreaWindowAsync(string area, string kind, string metric, long startMs) =>
        new(Read((area, kind, metric, startMs), static (session, k) => StoreReader.AreaWindow(session, k.area, k.kind, k.metric, k.startMs)));

    /// <inheritdoc/>
    /// <remarks>Only tiles of <see cref="TileId.BaseZoom"/> are stored; any other is null.</remarks>
    public ValueTask<CoverageTile?> LoadTileAsync(string plmn, long dayMs, TileId tile, string metric) =>
        tile.Zoom != TileId.BaseZoom ? new((CoverageTile?)null) : new(Read(
            (plmn, dayMs, tile, metric), static (session, k) => TileReader.Tile(session, k.tile, k.metric, k.plmn, k.dayMs)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeviceWindow>> ReadWindowsAsync(
        string deviceId, string metric, long fromMs, long toMs, CancellationToken cancellationToken) => ReadAsync(
            (deviceId, metric, fromMs, toMs), static (session, k) => StoreReader.Windows(session, k.deviceId, k.metric, k.fromMs, k.toMs), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SeriesRow>> ReadDeviceAsync(
        string deviceId, string metric, long fromMs, long toMs, CancellationToken cancellationToken) => ReadAsync(
            (deviceId, metric, fromMs, toMs), static (session, k) => StoreReader.Rows(session, k.deviceId, k.metric, k.fromMs, k.toMs), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AreaWindow>> ReadAreaWindowsAsync(
        string area, string kind, string metric, long fromMs, long toMs, CancellationToken cancellationToken) => ReadAsync(
            (area, kind, metric, fromMs, toMs),
            static (session, k) => StoreReader.AreaWindows(session, k.area, k.kind, k.metric, k.fromMs, k.toMs),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SeriesRow>> ReadAreaAsync(
        string area, string kind, string metric, long fromMs, long toMs, CancellationToken cancellationToken) =>
        [.. (await ReadAreaWindowsAsync(area, kind, metric, fromMs, toMs, cancellationToken)).Select(w => SeriesRow.From(w.StartMs, w.Aggregate))];

    /// <inheritdoc/>
    /// <remarks>A tile smaller than <see cref="TileId.BaseZoom"/> yields the base tile around it.</remarks>
    public Task<IReadOnlyList<CoverageTile>> ReadTilesAsync(
        TileId tile, string metric, string? plmn, long fromMs, long toMs, CancellationToken cancellationToken) => ReadAsync(
            (tile, metric, plmn, fromMs, toMs),
            static (session, k) => TileReader.Tiles(session, k.tile, k.metric, k.plmn, k.fromMs, k.toMs),
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LedgerRow>> ReadLedgerAsync(long fromMs, long toMs, string? deviceId, CancellationToken cancellationToken) => ReadAsync(
        (fromMs, toMs, deviceId), static (session, k) => LedgerReader.Ledger(session, k.fromMs, k.toMs, k.deviceId), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(string? deviceId, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return ReadAsync((deviceId, limit), static (session, k) => StoreReader.DeadLetters(session, k.deviceId, k.limit), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeadLetter>> ReadWaitingDeadLettersAsync(string? deviceId, string? reason, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return ReadAsync((deviceId, reason, limit), static (session, k) => StoreReader.WaitingDeadLetters(session, k.deviceId, k.reason, k.limit), cancellationToken);
    }

    /// <inheritdoc/>
    public Task MarkReplayedAsync(IReadOnlyList<DeadLetter> letters, long atMs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(letters);
        return WriteAsync(
            (letters, atMs),
            static (session, change) =>
            {
                foreach (var letter in change.letters)
                    session["UPDATE dead_letter SET replayed = ?1 WHERE position = ?2"].Bind(1, change.atMs).Bind(2, letter.Position).Run();
                return change.letters.Count;
            },
            cancellationToken);
    }

    private Task<TResult> ReadAsync<TState, TResult>(
        TState state, Func<SqliteSession, TState, TResult> read, CancellationToken cancellationToken) =>
        Task.Run(() => Read(state, read), cancellationToken);

    private TResult Read<TState, TResult>(TState state, Func<SqliteSession, TState, TResult> read)
    {
        var database = Database;
        try
        {
            return database.Readers.Read(state, read);
        }
        catch (SqliteException error) when (SqliteErrors.Explain(error, database.File) is { } explained)
        {
            throw explained;
        }
    }
}
