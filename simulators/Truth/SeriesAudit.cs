namespace SmartCity.Simulators;

/// <summary>Compares series of devices and areas with their right answers, row by row.</summary>
internal sealed class SeriesAudit(PlatformApi api, DifferenceList differences)
{
    private const int AtOnce = 8;
    private const int MaxRows = 15_000;

    /// <param name="deviceStepMs">The length of a window when the series are of devices; null for areas.</param>
    /// <returns>Rows that were compared.</returns>
    public async Task<long> CompareAsync(AnswerTable table, long? deviceStepMs, CancellationToken stop)
    {
        await Parallel.ForEachAsync(table.Rows, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (entry, cancel) =>
            await CompareAsync(entry.Key.Series, entry.Key.Metric, entry.Key.StepMs, entry.Value, deviceStepMs, cancel).ConfigureAwait(false)).ConfigureAwait(false);
        return table.Rows.Values.Sum(r => (long)r.Count);
    }

    private async Task CompareAsync(string series, string metric, long stepMs, SortedDictionary<long, WindowAnswer> expected, long? deviceStepMs, CancellationToken stop)
    {
        var parts = series.Split('/');
        var (name, kind) = deviceStepMs is null ? (parts[0], parts[1]) : (parts[4], parts[3]);
        var found = new Dictionary<long, SeriesAnswerRow>();
        var last = expected.Keys.Last() + stepMs;
        for (var from = expected.Keys.First(); from < last; from += MaxRows * stepMs)
        {
            var to = Math.Min(last, from + (MaxRows * stepMs));
            var rows = deviceStepMs is null
                ? await api.AreaAsync(name, kind, metric, stepMs, from, to, stop).ConfigureAwait(false)
                : await api.DeviceAsync(name, kind, metric, stepMs, from, to, stop).ConfigureAwait(false);
            foreach (var row in rows) found.Add(row.Start.ToUnixTimeMilliseconds(), row);
        }

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
