using SmartCity.Gateway;
using SmartCity.Grains;

namespace SmartCity.Silo;

/// <summary>
/// Series: stored windows, and for devices the windows in memory, merged to the step. With the step of one window, or of one row of a time tier, rows that InfluxDB has are InfluxDB's (docs/specs/009-history-from-influxdb.md).
/// </summary>
internal sealed class SeriesQueries(ITelemetryStore store, SiloOptions options, TimeProvider clock, ISeriesHistory? history = null)
{
    private static readonly TimeSpan s_defaultRange = TimeSpan.FromHours(1);
    private readonly MetricForms _forms = new(options.Window);

    public async Task<(long StepMs, IReadOnlyList<SeriesItem> Rows)> ReadDeviceAsync(
        DeviceEntry device, string kind, string metric, string? from, string? to, string? step, CancellationToken cancellationToken)
    {
        var (fromMs, toMs) = ApiTime.Range(from, to, s_defaultRange, clock);
        var stepMs = ApiTime.StepMs(step, options.Window.Seconds, fromMs, toMs);
        fromMs = TimeTier.StartOfStep(fromMs, stepMs, options.Window.Seconds);
        // Memory first: a window that is stored in between is then seen twice, and the same key makes it one.
        var held = await device.Grain.GetOpenWindows(metric);
        var open = held.Where(w => w.StartMs >= fromMs && w.StartMs < toMs).ToList();
        var stored = await store.ReadRolledAsync(
            device.Id, metric, fromMs, toMs, TimeTier.For(stepMs, options.Window.Seconds), open.Select(w => w.StartMs).ToHashSet(), cancellationToken);
        var newer = open.ToDictionary(w => (w.Stream, w.StartMs));
        foreach (var window in stored)
        {
            if (window.Taken is { } taken && newer.TryGetValue((window.Stream!, window.StartMs), out var ours) && taken.Gateway == ours.Gateway && taken.Through >= ours.AppliedThrough)
                newer.Remove((window.Stream!, window.StartMs));
        }

        var all = stored.Where(w => w.Taken is null || !newer.ContainsKey((w.Stream!, w.StartMs))).Concat(newer.Values.Select(RolledWindow.From));
        IReadOnlyList<SeriesRow> rows = Merge(all.Where(w => w.Stream!.Kind == kind).OrderBy(w => w.StartMs), stepMs);
        if (history is not null && IsKept(stepMs, out var tier))
        {
            var kept = await history.ReadDeviceAsync(device.Id, kind, metric, tier, fromMs, tier?.StartOf(toMs) ?? toMs, cancellationToken);
            var changing = open.Select(w => TimeTier.StartOfStep(w.StartMs, stepMs, options.Window.Seconds)).ToHashSet();
            rows = SeriesHistoryMerge.Prefer(rows, kept, changing, stepMs, options.Window.Seconds);
        }

        if (rows.Count == 0 || _forms.Of(kind, metric) is not { IsCounter: true } form) return (stepMs, Items(rows, stepMs));
        var before = await CounterRows.LastBeforeAsync(store, device.Id, kind, metric, fromMs, held, options.Window.Seconds, cancellationToken);
        return (stepMs, Items(CounterRows.Link(rows, before, form.Rollover), stepMs));
    }

    public async Task<(long StepMs, IReadOnlyList<SeriesItem> Rows)> ReadAreaAsync(
        string area, string kind, string metric, string? from, string? to, string? step, CancellationToken cancellationToken)
    {
        var (fromMs, toMs) = ApiTime.Range(from, to, s_defaultRange, clock);
        var stepMs = ApiTime.StepMs(step, options.Window.Seconds, fromMs, toMs);
        fromMs = TimeTier.StartOfStep(fromMs, stepMs, options.Window.Seconds);
        var rows = Merge(await store.ReadRolledAreaAsync(area, kind, metric, fromMs, toMs, TimeTier.For(stepMs, options.Window.Seconds), cancellationToken), stepMs);
        if (history is null || !IsKept(stepMs, out var tier)) return (stepMs, Items(rows, stepMs));
        var kept = await history.ReadAreaAsync(area, kind, metric, tier, fromMs, tier?.StartOf(toMs) ?? toMs, cancellationToken);
        return (stepMs, Items(SeriesHistoryMerge.Prefer(rows, kept, new HashSet<long>(), stepMs, options.Window.Seconds), stepMs));
    }

    private static List<SeriesItem> Items(IReadOnlyList<SeriesRow> rows, long stepMs) => [.. rows.Select(row => SeriesItem.From(row, stepMs))];

    // Finished percentiles cannot be merged, so a step must be one row as it is kept. A row that the range ends within is not asked for: it has readings from behind the end.
    private bool IsKept(long stepMs, out TimeTier? tier)
    {
        tier = TimeTier.For(stepMs, options.Window.Seconds) is { } whole && whole.LengthMs == stepMs ? whole : null;
        return tier is not null || stepMs == options.Window.Seconds * 1000L;
    }

    private List<SeriesRow> Merge(IEnumerable<RolledWindow> windows, long stepMs)
    {
        var rows = new List<SeriesRow>();
        WindowAggregate? merged = null;
        long start = 0;
        foreach (var window in windows)
        {
            var stepStart = TimeTier.StartOfStep(window.StartMs, stepMs, options.Window.Seconds);
            if (merged is not null && stepStart != start)
            {
                rows.Add(SeriesRow.From(start, merged));
                merged = null;
            }

            start = stepStart;
            (merged ??= new()).Merge(window.Aggregate);
        }

        if (merged is not null) rows.Add(SeriesRow.From(start, merged));
        return rows;
    }
}
