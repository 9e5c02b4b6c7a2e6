using System.Buffers;
using Npgsql;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Applies one commit inside the transaction its caller has begun.</summary>
internal sealed class PostgresCommit(NpgsqlConnection connection, StoreCommit commit, int gateway, int maxDeadLetters)
{
    private readonly ArrayBufferWriter<byte> _state = new(1024);
    private readonly SortedDictionary<(long Hour, string Device), (long Accepted, long Stored, long Duplicate, long Late)> _ledger = [];

    /// <summary>The areas' windows as they are now, once it is applied.</summary>
    public List<AreaWindow> Areas { get; } = [.. commit.Areas];

    /// <returns>False when the commit was stored before: its answer was lost.</returns>
    public async Task<bool> ApplyAsync(CancellationToken cancellationToken)
    {
        await RunAsync(PostgresSchema.TakeLock, cancellationToken);
        if (commit.Origin is { } origin && await RunAsync(
            "INSERT INTO writer(name, number) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET number = excluded.number, at = now() WHERE writer.number < excluded.number",
            cancellationToken, origin.Writer, origin.Number) == 0) return false; // its first try was stored after all
        await WriteWindowsAsync(cancellationToken);
        await WriteLatestAsync(cancellationToken);
        await WriteDevicesAsync(cancellationToken);
        await WriteDeadLettersAsync(cancellationToken);
        foreach (var accepted in commit.Accepted) Change(accepted.HourMs, accepted.DeviceId, accepted.Readings, 0, 0, 0);
        await WriteLedgerAsync(cancellationToken);
        await WriteAreasAsync(commit.Areas, cancellationToken);
        if (commit.AreaDeltas.Count > 0)
        {
            var merged = await MergedAreasAsync(cancellationToken);
            await WriteAreasAsync(merged, cancellationToken);
            Areas.AddRange(merged);
        }

        await WriteTilesAsync(commit.Tiles, cancellationToken);
        if (commit.TileDeltas.Count > 0) await WriteTilesAsync(await MergedTilesAsync(cancellationToken), cancellationToken);
        if (commit.Checkpoint is { } checkpoint) await RunAsync("UPDATE gateway SET checkpoint = $2 WHERE number = $1", cancellationToken, gateway, checkpoint);
        if (commit.AcceptedThrough is { } through) await RunAsync("UPDATE gateway SET accepted_through = $2 WHERE number = $1", cancellationToken, gateway, through);
        return true;
    }

    private async Task WriteWindowsAsync(CancellationToken cancellationToken)
    {
        if (commit.Windows.Count == 0) return;
        // Of the same window twice the last stays; what it was made from is what the first was made from.
        var windows = new Dictionary<WindowKey, (DeviceWindow Window, int BasedOn)>();
        foreach (var w in commit.Windows)
        {
            var key = new WindowKey(w.DeviceId, w.Stream, w.Metric, w.StartMs);
            windows[key] = (w, windows.TryGetValue(key, out var earlier) ? earlier.BasedOn : w.Revision - 1);
        }

        var rows = windows.Values.ToList();
        var all = rows.ConvertAll(r => r.Window);
        object[] keys =
        [
            Column(all, w => w.DeviceId), Column(all, w => w.Metric), Column(all, w => w.StartMs),
            Column(all, w => w.Stream.Region), Column(all, w => w.Stream.Unit), Column(all, w => w.Stream.Kind),
        ];
        var stored = new int[rows.Count];
        await using (var command = Command(
            "SELECT k.n, w.count, w.late, w.duplicates, w.revision FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY AS k(device, metric, start, region, unit, kind, n) "
            + "JOIN device_window w USING (device, metric, start, region, unit, kind)", keys))
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                var i = (int)row.GetInt64(0) - 1;
                stored[i] = row.GetInt32(4);
                Change(all[i].StartMs, all[i].DeviceId, 0, row.GetInt64(2) - row.GetInt64(1), -row.GetInt64(3), -row.GetInt64(2));
            }
        }

        if (commit.Origin is not null)
        {
            var stale = rows.Where((r, i) => r.BasedOn != stored[i]).Select(r => r.Window.DeviceId).ToHashSet();
            if (stale.Count > 0) throw new StaleWindowsException(stale);
        }

        foreach (var w in all) Change(w.StartMs, w.DeviceId, 0, w.Aggregate.Count - w.Late, w.Duplicates, w.Late);
        await RunAsync(
            "INSERT INTO device_window(device, metric, start, region, unit, kind, count, late, duplicates, gateway, applied_through, others, revision, state, seen) "
            + "SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (device, metric, start, region, unit, kind) DO UPDATE SET "
            + "count = excluded.count, late = excluded.late, duplicates = excluded.duplicates, gateway = excluded.gateway, applied_through = excluded.applied_through, "
            + "others = excluded.others, revision = excluded.revision, state = excluded.state, seen = excluded.seen",
            cancellationToken,
            [
                .. keys, Column(all, w => w.Aggregate.Count), Column(all, w => w.Late), Column(all, w => w.Duplicates), Column(all, w => w.Gateway),
                Column(all, w => w.AppliedThrough), Column(all, w => GatewayPositions.Write(w.Others)), Column(all, w => w.Revision),
                Column(all, w => State(w.Aggregate.WriteTo)), Column(all, w => w.Seen),
            ]);
    }

    private async Task WriteLatestAsync(CancellationToken cancellationToken)
    {
        var latest = new Dictionary<(string Device, string Kind, string Metric), LatestValue>();
        foreach (var (device, value) in commit.Latest)
        {
            var key = (device, value.Kind, value.Metric);
            if (!latest.TryGetValue(key, out var known) || known.EventMs <= value.EventMs) latest[key] = value;
        }

        if (latest.Count == 0) return;
        var rows = latest.ToList();
        await RunAsync(
            "INSERT INTO latest(device, kind, metric, event, value) SELECT * FROM unnest($1, $2, $3, $4, $5) ON CONFLICT (device, kind, metric) DO UPDATE SET "
            + "event = excluded.event, value = excluded.value WHERE excluded.event >= latest.event",
            cancellationToken,
            Column(rows, r => r.Key.Device), Column(rows, r => r.Key.Kind), Column(rows, r => r.Key.Metric), Column(rows, r => r.Value.EventMs), Column(rows, r => r.Value.Value));
    }

    private async Task WriteDevicesAsync(CancellationToken cancellationToken)
    {
        if (commit.Devices.Count == 0) return;
        var rows = commit.Devices.GroupBy(d => d.Id).Select(g => g.Last()).ToList();
        // Several gateways may know a device; the one that heard it last knows best.
        await RunAsync(
            "INSERT INTO device(id, region, unit, kind, registered, last_seen, latitude, longitude) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) "
            + "ON CONFLICT (id) DO UPDATE SET region = excluded.region, unit = excluded.unit, kind = excluded.kind, registered = least(device.registered, excluded.registered), "
            + "last_seen = excluded.last_seen, latitude = excluded.latitude, longitude = excluded.longitude WHERE excluded.last_seen >= device.last_seen",
            cancellationToken,
            Column(rows, d => d.Id), Column(rows, d => d.Stream.Region), Column(rows, d => d.Stream.Unit), Column(rows, d => d.Stream.Kind),
            Column(rows, d => d.RegisteredMs), Column(rows, d => d.LastSeenMs), Column(rows, d => d.Latitude), Column(rows, d => d.Longitude));
    }

    private async Task WriteDeadLettersAsync(CancellationToken cancellationToken)
    {
        if (commit.DeadLetters.Count == 0) return;
        var rejected = new SortedDictionary<(long Hour, string Device, string Reason), long>();
        foreach (var d in commit.DeadLetters)
        {
            // A text of PostgreSQL has no NUL.
            if (await RunAsync(
                "INSERT INTO dead_letter(gateway, position, ordinal, arrival, topic, device, reason, detail, readings, payload) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
                cancellationToken, d.Gateway, d.Position, d.Ordinal, d.ArrivalMs, d.Topic.Replace('\0', '\uFFFD'), d.DeviceId, d.Reason, d.Detail.Replace('\0', '\uFFFD'), d.Readings, d.Payload) == 0) continue;
            var key = (CommitWriter.FloorToHour(d.CountedMs ?? d.ArrivalMs), d.DeviceId, d.Reason);
            rejected[key] = rejected.GetValueOrDefault(key) + d.Readings;
        }

        var rows = rejected.ToList();
        if (rows.Count == 0) return;
        await RunAsync(
            "INSERT INTO rejected(hour, device, reason, readings) SELECT * FROM unnest($1, $2, $3, $4) ON CONFLICT (hour, device, reason) DO UPDATE SET readings = rejected.readings + excluded.readings",
            cancellationToken, Column(rows, r => r.Key.Hour), Column(rows, r => r.Key.Device), Column(rows, r => r.Key.Reason), Column(rows, r => r.Value));
        // Only what no replay brings again, or it would be counted twice.
        await RunAsync(
            "DELETE FROM dead_letter d USING gateway g WHERE d.gateway = g.number AND d.position <= g.checkpoint AND d.arrival < "
            + "(SELECT arrival FROM dead_letter ORDER BY arrival DESC OFFSET $1 LIMIT 1)", cancellationToken, maxDeadLetters);
    }

    private async Task WriteLedgerAsync(CancellationToken cancellationToken)
    {
        var rows = _ledger.ToList();
        if (rows.Count == 0) return;
        await RunAsync(
            "INSERT INTO ledger(hour, device, accepted, stored, duplicate, late) SELECT * FROM unnest($1, $2, $3, $4, $5, $6) ON CONFLICT (hour, device) DO UPDATE SET "
            + "accepted = ledger.accepted + excluded.accepted, stored = ledger.stored + excluded.stored, duplicate = ledger.duplicate + excluded.duplicate, late = ledger.late + excluded.late",
            cancellationToken,
            Column(rows, r => r.Key.Hour), Column(rows, r => r.Key.Device), Column(rows, r => r.Value.Accepted), Column(rows, r => r.Value.Stored),
            Column(rows, r => r.Value.Duplicate), Column(rows, r => r.Value.Late));
    }

    private async Task<List<AreaWindow>> MergedAreasAsync(CancellationToken cancellationToken)
    {
        var deltas = commit.AreaDeltas;
        var stored = new (WindowAggregate Aggregate, int Revision)?[deltas.Count];
        await using (var command = Command(
            "SELECT k.n, w.revision, w.state FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS k(area, kind, metric, start, n) JOIN area_window w USING (area, kind, metric, start)",
            Column(deltas, d => d.Area), Column(deltas, d => d.Kind), Column(deltas, d => d.Metric), Column(deltas, d => d.StartMs)))
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken)) stored[row.GetInt64(0) - 1] = (PostgresStore.Aggregate(row, 2), row.GetInt32(1));
        }

        var merged = new List<AreaWindow>(deltas.Count);
        for (var i = 0; i < deltas.Count; i++)
        {
            var aggregate = stored[i]?.Aggregate ?? new WindowAggregate();
            aggregate.Merge(deltas[i].Aggregate);
            merged.Add(new() { Area = deltas[i].Area, Kind = deltas[i].Kind, Metric = deltas[i].Metric, StartMs = deltas[i].StartMs, Aggregate = aggregate, Revision = (stored[i]?.Revision ?? 0) + 1 });
        }

        return merged;
    }

    private async Task WriteAreasAsync(List<AreaWindow> areas, CancellationToken cancellationToken)
    {
        if (areas.Count == 0) return;
        var rows = areas.GroupBy(a => (a.Area, a.Kind, a.Metric, a.StartMs)).Select(g => g.Last()).ToList();
        await RunAsync(
            "INSERT INTO area_window(area, kind, metric, start, revision, state) SELECT * FROM unnest($1, $2, $3, $4, $5, $6) ON CONFLICT (area, kind, metric, start) DO UPDATE SET "
            + "revision = excluded.revision, state = excluded.state",
            cancellationToken,
            Column(rows, a => a.Area), Column(rows, a => a.Kind), Column(rows, a => a.Metric), Column(rows, a => a.StartMs), Column(rows, a => a.Revision), Column(rows, a => State(a.Aggregate.WriteTo)));
    }

    private async Task<List<CoverageTile>> MergedTilesAsync(CancellationToken cancellationToken)
    {
        var deltas = commit.TileDeltas;
        var stored = new GridHistogram?[deltas.Count];
        await using (var command = Command(
            "SELECT k.n, t.histogram FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS k(metric, quadkey, day, plmn, n) JOIN tile t USING (metric, quadkey, day, plmn)",
            Column(deltas, t => t.Metric), Column(deltas, t => SqliteSchema.QuadKey(t.Tile.X, t.Tile.Y)), Column(deltas, t => t.DayMs), Column(deltas, t => t.Plmn)))
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken)) stored[row.GetInt64(0) - 1] = Histogram(row.GetFieldValue<byte[]>(1));
        }

        var merged = new List<CoverageTile>(deltas.Count);
        for (var i = 0; i < deltas.Count; i++)
        {
            var histogram = stored[i] ?? new();
            histogram.Merge(deltas[i].Histogram);
            merged.Add(new() { Plmn = deltas[i].Plmn, DayMs = deltas[i].DayMs, Tile = deltas[i].Tile, Metric = deltas[i].Metric, Histogram = histogram, AppliedThrough = deltas[i].AppliedThrough });
        }

        return merged;
    }

    private async Task WriteTilesAsync(List<CoverageTile> tiles, CancellationToken cancellationToken)
    {
        if (tiles.Count == 0) return;
        var rows = tiles.GroupBy(t => (t.Metric, t.Tile, t.DayMs, t.Plmn)).Select(g => g.Last()).ToList();
        await RunAsync(
            "INSERT INTO tile(metric, quadkey, day, plmn, applied_through, histogram) SELECT * FROM unnest($1, $2, $3, $4, $5, $6) ON CONFLICT (metric, quadkey, day, plmn) DO UPDATE SET "
            + "applied_through = excluded.applied_through, histogram = excluded.histogram",
            cancellationToken,
            Column(rows, t => t.Metric), Column(rows, t => SqliteSchema.QuadKey(t.Tile.X, t.Tile.Y)), Column(rows, t => t.DayMs), Column(rows, t => t.Plmn),
            Column(rows, t => t.AppliedThrough), Column(rows, t => State(t.Histogram.WriteTo)));
    }

    private static GridHistogram Histogram(ReadOnlySpan<byte> bytes) => GridHistogram.ReadFrom(ref bytes);

    private static TColumn[] Column<TRow, TColumn>(List<TRow> rows, Func<TRow, TColumn> value)
    {
        var column = new TColumn[rows.Count];
        for (var i = 0; i < column.Length; i++) column[i] = value(rows[i]);
        return column;
    }

    private byte[] State(Action<IBufferWriter<byte>> write)
    {
        _state.ResetWrittenCount();
        write(_state);
        return _state.WrittenSpan.ToArray();
    }

    private void Change(long ms, string device, long accepted, long stored, long duplicate, long late)
    {
        var key = (CommitWriter.FloorToHour(ms), device);
        var known = _ledger.GetValueOrDefault(key);
        _ledger[key] = (known.Accepted + accepted, known.Stored + stored, known.Duplicate + duplicate, known.Late + late);
    }

    private async Task<int> RunAsync(string text, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Command(text, values);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlCommand Command(string text, params object[] values)
    {
        var command = new NpgsqlCommand(text, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
