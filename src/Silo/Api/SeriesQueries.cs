using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>Series: stored windows, and for devices the windows in memory, merged to the step.</summary>
internal sealed class SeriesQueries(ITelemetryStore store, SiloOptions options, TimeProvider clock)
{
    private static readonly TimeSpan s_defaultRange = TimeSpan.FromHours(1);

    public async Task<(long StepMs, IReadOnlyList<SeriesItem> Rows)> ReadDeviceAsync(
        DeviceEntry device, string kind, string metric, string? from, string? to, string? step, CancellationToken cancellationToken)
    {
        var (fromMs, toMs) = ApiTime.Range(from, to, s_defaultRange, clock);
        var stepMs = ApiTime.StepMs(step, options.Window.Seconds, fromMs, toMs);
        fromMs -= fromMs % stepMs;
        // Memory first: a window that is stored in between is then seen twice, and the same key makes it one.
        var open = await device.Grain.GetOpenWindows(metric);
        var windows = new Dictionary<(StreamName, long), DeviceWindow>();
        foreach (var window in await store.ReadWindowsAsync(device.Id, metric, fromMs, toMs, cancellationToken)) windows[(window.Stream, window.StartMs)] = window;
        foreach (var window in open)
        {
            if (window.StartMs < fromMs || window.StartMs >= toMs) continue;
            if (!windows.TryGetValue((window.Stream, window.StartMs), out var stored) || stored.Gateway != window.Gateway || stored.AppliedThrough < window.AppliedThrough)
                windows[(window.Stream, window.StartMs)] = window;
        }

        return (stepMs, Merge(windows.Values.Where(w => w.Stream.Kind == kind).OrderBy(w => w.StartMs).Select(w => (w.StartMs, w.Aggregate)), stepMs));
    }

    public async Task<(long StepMs, IReadOnlyList<SeriesItem> Rows)> ReadAreaAsync(
        string area, string kind, string metric, string? from, string? to, string? step, CancellationToken cancellationToken)
    {
        var (fromMs, toMs) = ApiTime.Range(from, to, s_defaultRange, clock);
        var stepMs = ApiTime.StepMs(step, options.Window.Seconds, fromMs, toMs);
        fromMs -= fromMs % stepMs;
        var windows = await store.ReadAreaWindowsAsync(area, kind, metric, fromMs, toMs, cancellationToken);
        return (stepMs, Merge(windows.Select(w => (w.StartMs, w.Aggregate)), stepMs));
    }

    private static List<SeriesItem> Merge(IEnumerable<(long StartMs, WindowAggregate Aggregate)> windows, long stepMs)
    {
        var rows = new List<SeriesItem>();
        WindowAggregate? merged = null;
        long start = 0;
        foreach (var (windowStart, aggregate) in windows)
        {
            var stepStart = windowStart - (windowStart % stepMs);
            if (merged is not null && stepStart != start)
            {
                rows.Add(SeriesItem.From(SeriesRow.From(start, merged)));
                merged = null;
            }

            start = stepStart;
            (merged ??= new()).Merge(aggregate);
        }

        if (merged is not null) rows.Add(SeriesItem.From(SeriesRow.From(start, merged)));
        return rows;
    }
}
