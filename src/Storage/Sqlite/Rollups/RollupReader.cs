using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Reads what a row of a time tier is merged from.</summary>
internal static class RollupReader
{
    /// <summary>The rows below one row, merged in the order of time; null when there are none.</summary>
    /// <param name="below">The tier below; null for the windows themselves.</param>
    /// <param name="onCorrupt">Told of a row whose state cannot be read; the others are merged without it.</param>
    public static WindowAggregate? Merge(
        SqliteSession session, SeriesKind kind, long series, TimeTier? below, long fromMs, long toMs, Action<SeriesKind, long, InvalidDataException> onCorrupt)
    {
        var select = below is null
            ? session[$"SELECT w.state FROM window_start t CROSS JOIN {kind.Windows} w WHERE t.start >= ?1 AND t.start < ?2 AND w.id = (t.id << 32) | ?3 ORDER BY t.start"]
            : session[$"SELECT w.state FROM rollup_start t CROSS JOIN {kind.Rollups} w WHERE t.tier = ?4 AND t.start >= ?1 AND t.start < ?2 AND w.id = (t.id << 32) | ?3 ORDER BY t.start"];
        select.Bind(1, fromMs).Bind(2, toMs).Bind(3, series);
        if (below is not null) select.Bind(4, below.LengthMs);
        WindowAggregate? merged = null;
        while (select.Step())
        {
            if (Read(select, 0, kind, series, onCorrupt) is { } aggregate) (merged ??= new()).Merge(aggregate);
        }

        select.Reset();
        merged?.CollapseCounter();
        return merged;
    }

    /// <summary>The same for every series of a range of ids at once: the rows of one start lie together.</summary>
    /// <param name="onCorrupt">Told of a row whose state cannot be read; the others of its series are merged without it.</param>
    /// <returns>By id, from <paramref name="first"/> on.</returns>
    public static WindowAggregate?[] MergeMany(
        SqliteSession session, SeriesKind kind, long first, int count, TimeTier? below, long fromMs, long toMs, Action<SeriesKind, long, InvalidDataException> onCorrupt)
    {
        var merged = new WindowAggregate?[count];
        var select = session[$"SELECT id & 4294967295, state FROM {(below is null ? kind.Windows : kind.Rollups)} WHERE id >= ?1 AND id < ?2"];
        foreach (var start in Starts(session, below, fromMs, toMs))
        {
            select.Bind(1, (start << 32) | first).Bind(2, (start << 32) | (first + count));
            while (select.Step())
            {
                var series = select.Int64(0);
                if (Read(select, 1, kind, series, onCorrupt) is { } aggregate) (merged[series - first] ??= new()).Merge(aggregate);
            }

            select.Reset();
        }

        foreach (var row in merged) row?.CollapseCounter();
        return merged;
    }

    /// <summary>Start of the first row below at or after an instant; null when there is none.</summary>
    public static long? NextStart(SqliteSession session, TimeTier? below, long fromMs)
    {
        var select = below is null
            ? session["SELECT min(start) FROM window_start WHERE start >= ?1"].Bind(1, fromMs)
            : session["SELECT min(start) FROM rollup_start WHERE tier = ?2 AND start >= ?1"].Bind(1, fromMs).Bind(2, below.LengthMs);
        long? next = select.Step() && !select.IsNull(0) ? select.Int64(0) : null;
        select.Reset();
        return next;
    }

    public static long MaxSeries(SqliteSession session, SeriesKind kind) => session.Scalar($"SELECT coalesce(max(id), 0) FROM {kind.Series}");

    /// <summary>A device's metric from one tier, and from the windows where the tier has no row or not the right one.</summary>
    public static IReadOnlyList<RolledWindow> Device(
        SqliteSession session, string deviceId, string metric, long fromMs, long toMs, TimeTier? tier, IReadOnlySet<long> open, int windowSeconds)
    {
        var rows = new List<RolledWindow>();
        List<long> ids = [];
        if (tier is not null) ids = Ids(session["SELECT id FROM series WHERE device = (SELECT id FROM name WHERE value = ?1) AND metric = (SELECT id FROM name WHERE value = ?2)"].Bind(1, deviceId).Bind(2, metric));
        foreach (var (from, to, rolled) in Parts(session, SeriesKind.Device, ids, fromMs, toMs, tier, open, windowSeconds))
        {
            if (!rolled)
            {
                rows.AddRange(StoreReader.Windows(session, deviceId, metric, from, to).Select(RolledWindow.From));
                continue;
            }

            var streams = new Dictionary<long, StreamName>();
            var select = session["SELECT t.start, w.state, s.stream FROM rollup_start t CROSS JOIN series s CROSS JOIN device_rollup w WHERE t.tier = ?1 AND t.start >= ?2 AND t.start < ?3 "
                + "AND s.device = (SELECT id FROM name WHERE value = ?4) AND s.metric = (SELECT id FROM name WHERE value = ?5) AND w.id = (t.id << 32) | s.id ORDER BY t.start, s.stream"]
                .Bind(1, tier!.LengthMs).Bind(2, from).Bind(3, to).Bind(4, deviceId).Bind(5, metric);
            while (select.Step()) rows.Add(new(select.Int64(0), StoreReader.Stream(session, streams, select.Int64(2)), Aggregate(select, 1)));
            select.Reset();
        }

        return rows;
    }

    /// <summary>The same of an area.</summary>
    public static IReadOnlyList<RolledWindow> Area(SqliteSession session, string area, string kind, string metric, long fromMs, long toMs, TimeTier? tier, int windowSeconds)
    {
        var rows = new List<RolledWindow>();
        List<long> ids = [];
        if (tier is not null)
        {
            ids = Ids(session["SELECT id FROM area_series WHERE area = (SELECT id FROM name WHERE value = ?1) AND kind = (SELECT id FROM name WHERE value = ?2) "
                + "AND metric = (SELECT id FROM name WHERE value = ?3)"].Bind(1, area).Bind(2, kind).Bind(3, metric));
        }

        foreach (var (from, to, rolled) in Parts(session, SeriesKind.Area, ids, fromMs, toMs, tier, System.Collections.Frozen.FrozenSet<long>.Empty, windowSeconds))
        {
            if (!rolled)
            {
                rows.AddRange(StoreReader.AreaWindows(session, area, kind, metric, from, to).Select(RolledWindow.From));
                continue;
            }

            var select = session["SELECT t.start, w.state FROM rollup_start t CROSS JOIN area_rollup w WHERE t.tier = ?1 AND t.start >= ?2 AND t.start < ?3 AND w.id = (t.id << 32) | ?4 ORDER BY t.start"]
                .Bind(1, tier!.LengthMs).Bind(2, from).Bind(3, to).Bind(4, ids[0]);
            while (select.Step()) rows.Add(new(select.Int64(0), null, Aggregate(select, 1)));
            select.Reset();
        }

        return rows;
    }

    // Consecutive parts of a range, each read from the tier or from the windows.
    private static IEnumerable<(long FromMs, long ToMs, bool Rolled)> Parts(
        SqliteSession session, SeriesKind kind, List<long> series, long fromMs, long toMs, TimeTier? tier, IReadOnlySet<long> open, int windowSeconds)
    {
        // A range may begin and end in the middle of a row; such a row is not the answer.
        var first = tier is null ? toMs : tier.StartOf(fromMs) is var start && start == fromMs ? start : start + tier.LengthMs;
        var end = tier is null || series.Count == 0 ? first : Math.Min(tier.StartOf(toMs), RollupTable.Mark(session, "done", tier));
        if (end <= first)
        {
            yield return (fromMs, toMs, false);
            yield break;
        }

        if (fromMs < first) yield return (fromMs, first, false);
        var at = first;
        foreach (var wrong in Changing(session, kind, series, first, end, tier!, open, windowSeconds))
        {
            if (at < wrong) yield return (at, wrong, true);
            yield return (wrong, wrong + tier!.LengthMs, false);
            at = wrong + tier.LengthMs;
        }

        if (at < end) yield return (at, end, true);
        if (end < toMs) yield return (end, toMs, false);
    }

    // Starts of rows that a change below has not reached yet.
    private static SortedSet<long> Changing(
        SqliteSession session, SeriesKind kind, List<long> series, long fromMs, long toMs, TimeTier tier, IReadOnlySet<long> open, int windowSeconds)
    {
        var starts = new SortedSet<long>(open.Select(tier.StartOf).Where(s => s >= fromMs && s < toMs));
        foreach (var below in TimeTier.Above(windowSeconds))
        {
            foreach (var id in series)
            {
                var select = session["SELECT start FROM rollup_dirty WHERE tier = ?1 AND start >= ?2 AND start < ?3 AND area = ?4 AND series = ?5"]
                    .Bind(1, below.LengthMs).Bind(2, fromMs).Bind(3, toMs).Bind(4, kind.Code).Bind(5, id);
                while (select.Step()) starts.Add(tier.StartOf(select.Int64(0)));
                select.Reset();
            }

            if (below == tier) break;
        }

        return starts;
    }

    private static WindowAggregate? Read(Statement row, int column, SeriesKind kind, long series, Action<SeriesKind, long, InvalidDataException> onCorrupt)
    {
        try
        {
            return Aggregate(row, column);
        }
        catch (InvalidDataException error)
        {
            onCorrupt(kind, series, error); // one row must not keep a city's from being built
            return null;
        }
    }

    private static WindowAggregate Aggregate(Statement row, int column)
    {
        var state = row.Blob(column);
        return WindowAggregate.ReadFrom(ref state);
    }

    private static List<long> Ids(Statement select)
    {
        var ids = new List<long>();
        while (select.Step()) ids.Add(select.Int64(0));
        select.Reset();
        return ids;
    }

    private static List<long> Starts(SqliteSession session, TimeTier? below, long fromMs, long toMs)
    {
        var select = below is null
            ? session["SELECT id FROM window_start WHERE start >= ?1 AND start < ?2 ORDER BY start"].Bind(1, fromMs).Bind(2, toMs)
            : session["SELECT id FROM rollup_start WHERE start >= ?1 AND start < ?2 AND tier = ?3 ORDER BY start"].Bind(1, fromMs).Bind(2, toMs).Bind(3, below.LengthMs);
        var ids = new List<long>();
        while (select.Step()) ids.Add(select.Int64(0));
        select.Reset();
        return ids;
    }
}
