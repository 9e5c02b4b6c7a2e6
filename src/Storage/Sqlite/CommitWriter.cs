using System.Buffers;
using System.Runtime.InteropServices;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Applies a commit inside the transaction its caller has begun.</summary>
internal sealed class CommitWriter(SqliteSession writer, RollupTable rollups)
{
    public const long HourMs = 3_600_000;

    private const string InsertWindow =
        "INSERT OR REPLACE INTO device_window(id, count, late, duplicates, applied_through, revision, state, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

    private const string InsertLedger =
        "INSERT INTO ledger(hour, device, accepted, stored, duplicate, late) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(hour, device) DO UPDATE SET "
        + "accepted = accepted + excluded.accepted, stored = stored + excluded.stored, duplicate = duplicate + excluded.duplicate, late = late + excluded.late";

    private const string InsertLatest =
        "INSERT INTO latest(device, kind, metric, event, value) VALUES (?, ?, ?, ?, ?) "
        + "ON CONFLICT(device, kind, metric) DO UPDATE SET event = excluded.event, value = excluded.value WHERE excluded.event >= event";

    private const string InsertDevice =
        "INSERT OR REPLACE INTO device(id, stream, registered, last_seen, latitude, longitude) VALUES (?, ?, ?, ?, ?, ?)";

    private const string InsertTile =
        "INSERT OR REPLACE INTO tile(metric, quadkey, day, plmn, applied_through, histogram) VALUES (?, ?, ?, ?, ?, ?)";

    private readonly NameTable _names = new(writer);
    private readonly ArrayBufferWriter<byte> _state = new(1024);
    private readonly Dictionary<(long Hour, long Device), LedgerChange> _ledger = [];

    /// <summary>Names that a rolled back commit added do not exist.</summary>
    public void Forget() => _names.Forget();

    /// <summary>The windows of a start have been deleted, and it with them.</summary>
    public void ForgetStart(long startMs) => _names.ForgetStart(startMs);

    /// <summary>Name of an id for tables written beside this one in the same transaction.</summary>
    public long Name(string value) => _names.Name(value);

    public void Apply(StoreCommit commit)
    {
        _names.BeginCommit();
        _ledger.Clear();
        foreach (var device in commit.Devices) Write(device);
        WriteWindows(commit.Windows);
        WriteAreas(commit.Areas);
        foreach (var (deviceId, value) in commit.Latest) Write(deviceId, value);
        foreach (var tile in commit.Tiles) Write(tile);
        foreach (var accepted in commit.Accepted) Change(FloorToHour(accepted.HourMs), _names.Name(accepted.DeviceId)).Accepted += accepted.Readings;
        WriteLedger();
        if (commit.Checkpoint is { } checkpoint) WriteMark("checkpoint", checkpoint);
        if (commit.AcceptedThrough is { } through) WriteMark("accepted_through", through);
    }

    /// <summary>Adds blocks of readings.</summary>
    /// <param name="stay">False: only until InfluxDB has them.</param>
    public void Write(IReadOnlyList<ReadingBlock> blocks, bool stay) => ReadingTable.Write(writer, blocks, stay, block => _names.Series(block.DeviceId, block.Stream, block.Metric).Series);

    public void WriteMark(string name, long value) =>
        writer["INSERT OR REPLACE INTO mark(name, value) VALUES (?, ?)"].Bind(1, name).Bind(2, value).Run();

    public static long FloorToHour(long ms) => (long)Math.Floor(ms / (decimal)HourMs) * HourMs;

    private void WriteWindows(List<DeviceWindow> windows)
    {
        if (windows.Count == 0) return;
        // In key order, so that the rows of a page are written together; a later row of the same key comes after the earlier one.
        var rows = new WindowRow[windows.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            var window = windows[i];
            var (series, device) = _names.Series(window.DeviceId, window.Stream, window.Metric);
            rows[i] = new((_names.Start(window.StartMs, out var isNew) << 32) | series, i, device, isNew);
        }

        Array.Sort(rows);
        var insert = writer[InsertWindow];
        var select = writer["SELECT count, late, duplicates FROM device_window WHERE id = ?"];
        long previousKey = 0;
        foreach (var row in rows)
        {
            var window = windows[row.Index];
            ref var change = ref Change(FloorToHour(window.StartMs), row.Device);
            if (!row.IsNew || row.Key == previousKey)
            {
                if (select.Bind(1, row.Key).Step())
                {
                    change.Stored -= select.Int64(0) - select.Int64(1);
                    change.Late -= select.Int64(1);
                    change.Duplicate -= select.Int64(2);
                }

                select.Reset();
            }

            change.Stored += window.Aggregate.Count - window.Late;
            change.Late += window.Late;
            change.Duplicate += window.Duplicates;
            insert.Bind(1, row.Key).Bind(2, window.Aggregate.Count).Bind(3, window.Late).Bind(4, window.Duplicates)
                .Bind(5, window.AppliedThrough).Bind(6, window.Revision).Bind(7, State(window.Aggregate)).Bind(8, window.Seen).Run();
            rollups.Changed(SeriesKind.Device, row.Key & uint.MaxValue, window.StartMs);
            previousKey = row.Key;
        }
    }

    private void WriteAreas(List<AreaWindow> areas)
    {
        foreach (var window in areas)
        {
            var series = _names.AreaSeries(window.Area, window.Kind, window.Metric);
            rollups.Changed(SeriesKind.Area, series, window.StartMs);
            writer["INSERT OR REPLACE INTO area_window(id, revision, state) VALUES (?, ?, ?)"]
                .Bind(1, (_names.Start(window.StartMs, out _) << 32) | series).Bind(2, window.Revision).Bind(3, State(window.Aggregate)).Run();
        }
    }

    private void Write(DeviceRecord device) =>
        writer[InsertDevice].Bind(1, _names.Name(device.Id)).Bind(2, _names.Stream(device.Stream)).Bind(3, device.RegisteredMs)
            .Bind(4, device.LastSeenMs).Bind(5, device.Latitude).Bind(6, device.Longitude).Run();

    private void Write(string deviceId, LatestValue value) =>
        writer[InsertLatest].Bind(1, _names.Name(deviceId)).Bind(2, _names.Name(value.Kind)).Bind(3, _names.Name(value.Metric))
            .Bind(4, value.EventMs).Bind(5, value.Value).Run();

    private void Write(CoverageTile tile)
    {
        if (tile.Tile.Zoom != TileId.BaseZoom) throw new ArgumentException($"Coverage is stored at zoom {TileId.BaseZoom}; this tile is {tile.Tile}.");
        _state.ResetWrittenCount();
        tile.Histogram.WriteTo(_state);
        writer[InsertTile].Bind(1, _names.Name(tile.Metric)).Bind(2, SqliteSchema.QuadKey(tile.Tile.X, tile.Tile.Y)).Bind(3, tile.DayMs)
            .Bind(4, _names.Name(tile.Plmn)).Bind(5, tile.AppliedThrough).Bind(6, _state.WrittenSpan).Run();
    }

    private void WriteLedger()
    {
        if (_ledger.Count == 0) return;
        var keys = _ledger.Keys.ToArray();
        Array.Sort(keys);
        var insert = writer[InsertLedger];
        foreach (var key in keys)
        {
            var change = _ledger[key];
            if (change == default) continue;
            insert.Bind(1, key.Hour).Bind(2, key.Device).Bind(3, change.Accepted).Bind(4, change.Stored)
                .Bind(5, change.Duplicate).Bind(6, change.Late).Run();
        }
    }

    private ref LedgerChange Change(long hour, long device) =>
        ref CollectionsMarshal.GetValueRefOrAddDefault(_ledger, (hour, device), out _);

    private ReadOnlySpan<byte> State(WindowAggregate aggregate)
    {
        _state.ResetWrittenCount();
        aggregate.WriteTo(_state);
        return _state.WrittenSpan;
    }

    private readonly record struct WindowRow(long Key, int Index, long Device, bool IsNew) : IComparable<WindowRow>
    {
        public int CompareTo(WindowRow other)
        {
            var byKey = Key.CompareTo(other.Key);
            return byKey != 0 ? byKey : Index.CompareTo(other.Index);
        }
    }

    private record struct LedgerChange(long Accepted, long Stored, long Duplicate, long Late);
}
