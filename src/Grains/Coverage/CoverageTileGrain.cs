using System.Globalization;

namespace SmartCity.Grains;

/// <inheritdoc cref="ICoverageTileGrain"/>
public sealed class CoverageTileGrain(ITelemetryStore store, CommitBuffer commits, WindowSchedule schedule, TimeProvider clock) : Grain, ICoverageTileGrain
{
    private const long FlushDelayMs = 5000;
    private const long DayMs = 86_400_000;
    private const long VietnamOffsetMs = 7 * 3_600_000; // UTC+7, no daylight saving

    private readonly Dictionary<(long Day, string Metric), Entry> _entries = [];
    private long _nextDueMs = long.MaxValue;
    private bool _isHeld; // the schedule knows the oldest position that no commit has

    /// <inheritdoc/>
    public async ValueTask Take(CoverageSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        await TakeValue(sample, ReportingGrid.Rsrp, sample.Rsrp);
        await TakeValue(sample, ReportingGrid.Rsrq, sample.Rsrq);
        await TakeValue(sample, ReportingGrid.Sinr, sample.Sinr);
    }

    /// <inheritdoc/>
    public ValueTask Flush(long dueMs)
    {
        if (dueMs < _nextDueMs) return default; // an earlier registration overtook this one
        _nextDueMs = long.MaxValue;
        _isHeld = false;
        var (plmn, tile) = Identity();
        foreach (var ((day, metric), entry) in _entries)
        {
            if (!entry.Dirty)
            {
                if (entry.EmittedIn <= commits.Committed) _entries.Remove((day, metric));
                continue;
            }

            entry.Dirty = false;
            entry.EmittedIn = commits.Current;
            commits.Add(new CoverageTile
            {
                Plmn = plmn,
                DayMs = day,
                Tile = tile,
                Metric = metric,
                Histogram = entry.Histogram.Clone(),
                AppliedThrough = entry.AppliedThrough,
            });
        }

        // Once more after the commit, to let go of what was handed over now.
        if (_entries.Count > 0) Schedule(long.MaxValue);
        return default;
    }

    private async ValueTask TakeValue(CoverageSample sample, ReportingGrid grid, double value)
    {
        if (double.IsNaN(value)) return;
        var local = sample.EventMs + VietnamOffsetMs;
        var key = (Day: local - (local % DayMs) - VietnamOffsetMs, grid.Metric);
        if (!_entries.TryGetValue(key, out var entry))
        {
            var (plmn, tile) = Identity();
            var row = await store.LoadTileAsync(plmn, key.Day, tile, grid.Metric);
            _entries[key] = entry = new() { Histogram = row?.Histogram.Clone() ?? new(), AppliedThrough = row?.AppliedThrough ?? -1 };
        }

        if (sample.Position <= entry.AppliedThrough) return; // replay: already absorbed
        entry.AppliedThrough = sample.Position;
        entry.Histogram.Add(grid.BinOf(value));
        entry.Dirty = true;
        if (!_isHeld) Schedule(sample.Position);
    }

    private void Schedule(long position)
    {
        var due = clock.GetUtcNow().ToUnixTimeMilliseconds() + FlushDelayMs;
        if (due < _nextDueMs) _nextDueMs = due;
        _isHeld |= position != long.MaxValue;
        schedule.Add(due, position, this.AsReference<ICoverageTileGrain>());
    }

    private (string Plmn, TileId Tile) Identity()
    {
        var parts = this.GetPrimaryKeyString().Split('/');
        return (parts[0], new(int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture), int.Parse(parts[3], CultureInfo.InvariantCulture)));
    }

    private sealed class Entry
    {
        public required GridHistogram Histogram { get; init; }

        public required long AppliedThrough { get; set; }

        public bool Dirty { get; set; }

        public long EmittedIn { get; set; }
    }
}
