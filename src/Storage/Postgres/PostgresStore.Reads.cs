using Npgsql;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>The queries.</summary>
public sealed partial class PostgresStore
{
    private const string WindowColumns = "device, metric, start, region, unit, kind, late, duplicates, gateway, applied_through, others, revision, state, seen";

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeviceRecord>> ListDevicesAsync(CancellationToken cancellationToken) => QueryAsync(
        "SELECT id, region, unit, kind, registered, last_seen, latitude, longitude FROM device ORDER BY id COLLATE \"C\"",
        static r => new DeviceRecord
        {
            Id = r.GetString(0),
            Stream = new(r.GetString(1), r.GetString(2), r.GetString(3)),
            RegisteredMs = r.GetInt64(4),
            LastSeenMs = r.GetInt64(5),
            Latitude = r.GetDouble(6),
            Longitude = r.GetDouble(7),
        },
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LatestValue>> LoadLatestAsync(string deviceId) => await QueryAsync(
        "SELECT kind, metric, event, value FROM latest WHERE device = $1 ORDER BY kind COLLATE \"C\", metric COLLATE \"C\"",
        static r => new LatestValue(r.GetString(0), r.GetString(1), r.GetInt64(2), r.GetDouble(3)),
        CancellationToken.None,
        Parameter(deviceId));

    /// <inheritdoc/>
    public async ValueTask<DeviceWindow?> LoadWindowAsync(WindowKey key) => await QueryAsync(
        $"SELECT {WindowColumns} FROM device_window WHERE device = $1 AND metric = $2 AND start = $3 AND region = $4 AND unit = $5 AND kind = $6",
        ReadWindow,
        CancellationToken.None,
        Parameter(key.DeviceId), Parameter(key.Metric), Parameter(key.StartMs), Parameter(key.Stream.Region), Parameter(key.Stream.Unit), Parameter(key.Stream.Kind))
        is [var row, ..] ? row : null;

    /// <inheritdoc/>
    public async ValueTask<AreaWindow?> LoadAreaWindowAsync(string area, string kind, string metric, long startMs) =>
        startMs == long.MaxValue ? null : await ReadAreaWindowsAsync(area, kind, metric, startMs, startMs + 1, CancellationToken.None) is [var row, ..] ? row : null;

    /// <inheritdoc/>
    public async ValueTask<CoverageTile?> LoadTileAsync(string plmn, long dayMs, TileId tile, string metric) =>
        (await ReadTilesAsync(tile, metric, plmn, dayMs, dayMs + 1, CancellationToken.None)).FirstOrDefault(t => t.Tile == tile);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeviceWindow>> ReadWindowsAsync(string deviceId, string metric, long fromMs, long toMs, CancellationToken cancellationToken) => QueryAsync(
        $"SELECT {WindowColumns} FROM device_window WHERE device = $1 AND metric = $2 AND start >= $3 AND start < $4 ORDER BY start, region, unit, kind",
        ReadWindow,
        cancellationToken,
        Parameter(deviceId), Parameter(metric), Parameter(fromMs), Parameter(toMs));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SeriesRow>> ReadDeviceAsync(string deviceId, string metric, long fromMs, long toMs, CancellationToken cancellationToken) =>
        [.. (await ReadWindowsAsync(deviceId, metric, fromMs, toMs, cancellationToken)).Select(w => SeriesRow.From(w.StartMs, w.Aggregate))];

    /// <inheritdoc/>
    public Task<IReadOnlyList<AreaWindow>> ReadAreaWindowsAsync(
        string area, string kind, string metric, long fromMs, long toMs, CancellationToken cancellationToken) => QueryAsync(
        "SELECT area, kind, metric, start, revision, state FROM area_window WHERE area = $1 AND kind = $2 AND metric = $3 AND start >= $4 AND start < $5 ORDER BY start",
        ReadArea,
        cancellationToken,
        Parameter(area), Parameter(kind), Parameter(metric), Parameter(fromMs), Parameter(toMs));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SeriesRow>> ReadAreaAsync(
        string area, string kind, string metric, long fromMs, long toMs, CancellationToken cancellationToken) =>
        [.. (await ReadAreaWindowsAsync(area, kind, metric, fromMs, toMs, cancellationToken)).Select(w => SeriesRow.From(w.StartMs, w.Aggregate))];

    /// <inheritdoc/>
    /// <remarks>A tile smaller than <see cref="TileId.BaseZoom"/> yields the base tile around it.</remarks>
    public Task<IReadOnlyList<CoverageTile>> ReadTilesAsync(
        TileId tile, string metric, string? plmn, long fromMs, long toMs, CancellationToken cancellationToken)
    {
        var shift = TileId.BaseZoom - tile.Zoom;
        if (shift < 0) (tile, shift) = (tile.Parent(TileId.BaseZoom), 0);
        var first = SqliteSchema.QuadKey(tile.X, tile.Y) << (2 * shift);
        return QueryAsync(
            "SELECT quadkey, day, plmn, applied_through, histogram, metric FROM tile WHERE metric = $1 AND quadkey >= $2 AND quadkey < $3 AND day >= $4 AND day < $5 AND ($6 = '' OR plmn = $6)",
            static r =>
            {
                var (x, y) = SqliteSchema.FromQuadKey(r.GetInt64(0));
                ReadOnlySpan<byte> histogram = r.GetFieldValue<byte[]>(4);
                return new CoverageTile
                {
                    Plmn = r.GetString(2),
                    DayMs = r.GetInt64(1),
                    Tile = new(TileId.BaseZoom, x, y),
                    Metric = r.GetString(5),
                    Histogram = GridHistogram.ReadFrom(ref histogram),
                    AppliedThrough = r.GetInt64(3),
                };
            },
            cancellationToken,
            Parameter(metric), Parameter(first), Parameter(first + (1L << (2 * shift))), Parameter(fromMs), Parameter(toMs), Parameter(plmn ?? string.Empty));
    }

    /// <inheritdoc/>
    /// <remarks>They are not kept here: SiloOptions refuses Raw:Store in a cluster.</remarks>
    public Task<ReadingPage> ReadReadingsAsync(ReadingQuery query, CancellationToken cancellationToken) => Task.FromResult(ReadingPage.Empty);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LedgerRow>> ReadLedgerAsync(long fromMs, long toMs, string? deviceId, CancellationToken cancellationToken)
    {
        const string Where = " WHERE hour >= $1 AND hour < $2 AND ($3 OR device = $4)";
        NpgsqlParameter[] Range() => [Parameter(fromMs), Parameter(toMs), Parameter(deviceId is null), Parameter(deviceId ?? string.Empty)];
        var rejected = (await QueryAsync("SELECT hour, device, reason, readings FROM rejected" + Where,
            static r => (Hour: r.GetInt64(0), Device: r.GetString(1), Reason: r.GetString(2), Readings: r.GetInt64(3)), cancellationToken, Range()))
            .GroupBy(r => (r.Hour, r.Device)).ToDictionary(g => g.Key, g => g.ToDictionary(r => r.Reason, r => r.Readings, StringComparer.Ordinal));
        var rows = (await QueryAsync("SELECT hour, device, accepted, stored, duplicate, late FROM ledger" + Where,
            r => new LedgerRow(r.GetString(1), r.GetInt64(0), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5),
                rejected.Remove((r.GetInt64(0), r.GetString(1)), out var reasons) ? reasons : []), cancellationToken, Range())).ToList();
        foreach (var ((hour, device), reasons) in rejected) rows.Add(new(device, hour, 0, 0, 0, 0, reasons));
        rows.Sort(static (a, b) => a.HourMs != b.HourMs ? a.HourMs.CompareTo(b.HourMs) : string.CompareOrdinal(a.DeviceId, b.DeviceId));
        return rows;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(string? deviceId, int limit, CancellationToken cancellationToken) =>
        DeadLettersAsync(deviceId, null, waiting: false, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeadLetter>> ReadWaitingDeadLettersAsync(string? deviceId, string? reason, int limit, CancellationToken cancellationToken) =>
        DeadLettersAsync(deviceId, reason, waiting: true, limit, cancellationToken);

    private Task<IReadOnlyList<DeadLetter>> DeadLettersAsync(string? deviceId, string? reason, bool waiting, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return QueryAsync(
            "SELECT gateway, position, ordinal, arrival, topic, device, reason, detail, readings, payload, replayed FROM dead_letter WHERE ($1 OR device = $2) AND ($4 OR reason = $5) AND ($6 OR replayed IS NULL) "
            + "ORDER BY arrival DESC, gateway DESC, position DESC, ordinal DESC LIMIT $3",
            static r => new DeadLetter
            {
                Gateway = r.GetInt32(0),
                Position = r.GetInt64(1),
                Ordinal = r.GetInt32(2),
                ArrivalMs = r.GetInt64(3),
                Topic = r.GetString(4),
                DeviceId = r.GetString(5),
                Reason = r.GetString(6),
                Detail = r.GetString(7),
                Readings = r.GetInt32(8),
                Payload = r.GetFieldValue<byte[]>(9),
                ReplayedMs = r.IsDBNull(10) ? null : r.GetInt64(10),
            },
            cancellationToken,
            Parameter(deviceId is null), Parameter(deviceId ?? string.Empty), Parameter(limit),
            Parameter(reason is null), Parameter(reason ?? string.Empty), Parameter(!waiting));
    }

    /// <inheritdoc/>
    public Task MarkReplayedAsync(IReadOnlyList<DeadLetter> letters, long atMs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(letters);
        return GuardAsync(async () =>
        {
            await using var command = _source.CreateCommand("UPDATE dead_letter d SET replayed = $1 FROM unnest($2, $3) AS l(gateway, position) WHERE (d.gateway, d.position) = (l.gateway, l.position)");
            foreach (var parameter in (NpgsqlParameter[])[Parameter(atMs), Many(letters.Select(l => l.Gateway)), Many(letters.Select(l => l.Position))])
                command.Parameters.Add(parameter);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        });

        static NpgsqlParameter Many<T>(IEnumerable<T> values) => new NpgsqlParameter<T[]> { TypedValue = [.. values] };
    }

    /// <summary>All windows that begin at one instant, as the transaction of the caller sees them.</summary>
    internal static async Task<(List<DeviceWindow> Windows, List<AreaWindow> Areas)> OfStartAsync(NpgsqlConnection connection, long startMs, CancellationToken cancellationToken)
    {
        await using var windows = new NpgsqlCommand($"SELECT {WindowColumns} FROM device_window WHERE start = $1", connection);
        windows.Parameters.Add(Parameter(startMs));
        await using var areas = new NpgsqlCommand("SELECT area, kind, metric, start, revision, state FROM area_window WHERE start = $1", connection);
        areas.Parameters.Add(Parameter(startMs));
        return (await ReadAllAsync(windows, ReadWindow, cancellationToken), await ReadAllAsync(areas, ReadArea, cancellationToken));
    }

    internal static WindowAggregate Aggregate(NpgsqlDataReader row, int column)
    {
        ReadOnlySpan<byte> state = row.GetFieldValue<byte[]>(column);
        return WindowAggregate.ReadFrom(ref state);
    }

    private static DeviceWindow ReadWindow(NpgsqlDataReader r) => new()
    {
        DeviceId = r.GetString(0),
        Metric = r.GetString(1),
        StartMs = r.GetInt64(2),
        Stream = new(r.GetString(3), r.GetString(4), r.GetString(5)),
        Late = r.GetInt64(6),
        Duplicates = r.GetInt64(7),
        Gateway = r.GetInt32(8),
        AppliedThrough = r.GetInt64(9),
        Others = GatewayPositions.Read(r.GetFieldValue<byte[]>(10)),
        Revision = r.GetInt32(11),
        Aggregate = Aggregate(r, 12),
        Seen = r.GetFieldValue<byte[]>(13),
    };

    private static AreaWindow ReadArea(NpgsqlDataReader r) => new()
    {
        Area = r.GetString(0),
        Kind = r.GetString(1),
        Metric = r.GetString(2),
        StartMs = r.GetInt64(3),
        Revision = r.GetInt32(4),
        Aggregate = Aggregate(r, 5),
    };

    private static async Task<List<T>> ReadAllAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await row.ReadAsync(cancellationToken)) rows.Add(read(row));
        return rows;
    }

    private Task<IReadOnlyList<T>> QueryAsync<T>(string text, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return GuardAsync<IReadOnlyList<T>>(async () =>
        {
            await using var command = _source.CreateCommand(text);
            command.Parameters.AddRange(parameters);
            return await ReadAllAsync(command, read, cancellationToken);
        });
    }
}
