namespace SmartCity.Simulators;

/// <summary>Compares series of devices and areas with their right answers, row by row.</summary>
/// <param name="untilMs">How far ahead rows are looked for where none may be; Unix milliseconds.</param>
internal sealed class SeriesAudit(PlatformApi api, DifferenceList differences, long untilMs)
{
    private const long DayMs = 86_400_000;
    private const int AtOnce = 8;
    private const int MaxRows = 15_000;

    private long _rows;
    private long _loose;

    /// <summary>Rows that were compared.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Rows of which only bounds are known, because too many readings may be in them or not.</summary>
    public long Loose => Interlocked.Read(ref _loose);

    /// <param name="deviceStepMs">The length of a window when the series are of devices; null for areas.</param>
    public Task CompareAsync(AnswerTable table, long? deviceStepMs, CancellationToken stop) =>
        Parallel.ForEachAsync(table.Rows, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (entry, cancel) =>
            await CompareAsync(entry.Key.Series, entry.Key.Metric, entry.Key.StepMs, entry.Value, deviceStepMs, cancel).ConfigureAwait(false));

    private async Task CompareAsync(string series, string metric, long stepMs, SortedDictionary<long, WindowAnswer> expected, long? deviceStepMs, CancellationToken stop)
    {
        var parts = series.Split('/');
        var (name, kind) = deviceStepMs is null ? (parts[0], parts[1]) : (parts[4], parts[3]);
        var found = new Dictionary<long, SeriesAnswerRow>();
        var (first, last) = (expected.Keys.First(), expected.Keys.Last() + stepMs);

        // By days, everything that the platform has: what a clock that jumped to 1970 or years ahead has measured must be nowhere.
        // Other rows are looked for in the whole of the days that have some.
        (first, last) = stepMs >= DayMs ? (0, Math.Max(last, untilMs)) : (AnswerTable.Floor(first, DayMs), AnswerTable.Floor(last - 1, DayMs) + DayMs);
        for (var from = first; from < last; from += MaxRows * stepMs)
        {
            var to = Math.Min(last, from + (MaxRows * stepMs));
            var rows = deviceStepMs is null
                ? await api.AreaAsync(name, kind, metric, stepMs, from, to, stop).ConfigureAwait(false)
                : await api.DeviceAsync(name, kind, metric, stepMs, from, to, stop).ConfigureAwait(false);
            foreach (var row in rows)
            {
                if (!found.TryAdd(row.Start.ToUnixTimeMilliseconds(), row)) differences.Add(new(name, $"{metric} ({stepMs / 1000} s)", row.Start, "one row", "two rows", row.Count, []));
            }
        }

        Interlocked.Add(ref _rows, expected.Count);
        Interlocked.Add(ref _loose, expected.Values.Count(a => a.IsLoose));
        var (form, what) = (AnswerTable.FormOf(series, metric), $"{metric} ({stepMs / 1000} s)");
        foreach (var (start, answer) in expected)
        {
            found.Remove(start, out var row);
            if (answer.Explain(row, form) is var (wanted, shown, readings))
                differences.Add(new(name, what, At(start), wanted, shown, readings, [.. answer.Causes]), isOfDevice: stepMs == deviceStepMs);
        }

        foreach (var (start, row) in found) differences.Add(new(name, what, At(start), "no row", row.Describe(), row.Count, []), isOfDevice: stepMs == deviceStepMs);
    }

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
