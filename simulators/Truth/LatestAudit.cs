namespace SmartCity.Simulators;

/// <summary>Compares the latest value of each metric of a device: the last that was measured, of two at the same instant the larger, and not the last that arrived.</summary>
internal sealed class LatestAudit(PlatformApi api, DifferenceList differences)
{
    private const int AtOnce = 8;
    private long _values;

    /// <summary>Values that were compared.</summary>
    public long Values => Interlocked.Read(ref _values);

    /// <param name="table">Right answers of devices.</param>
    /// <param name="windowMs">Step of the rows that are looked at.</param>
    public Task CompareAsync(AnswerTable table, long windowMs, CancellationToken stop) =>
        Parallel.ForEachAsync(table.Rows.Where(r => r.Key.StepMs == windowMs).GroupBy(r => r.Key.Series), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (device, cancel) =>
        {
            var parts = device.Key.Split('/');
            var found = await api.LatestAsync(parts[4], parts[3], cancel).ConfigureAwait(false);
            foreach (var ((_, metric, _), rows) in device)
            {
                if (Latest(rows) is not { } expected) continue;
                Interlocked.Increment(ref _values);
                if (found.GetValueOrDefault(metric) is { } shown && shown.Time.ToUnixTimeMilliseconds() == expected.LastMs && shown.Value == expected.Last) continue;
                var text = found.GetValueOrDefault(metric) is { } other ? FormattableString.Invariant($"{other.Value} of {other.Time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}") : "no value";
                differences.Add(new(parts[4], $"latest {metric}", DateTimeOffset.FromUnixTimeMilliseconds(expected.LastMs), FormattableString.Invariant($"{expected.Last}"), text, 1, []));
            }
        });

    /// <summary>The last window that has readings for certain; null where a reading that may be there could be later.</summary>
    private static Tally? Latest(SortedDictionary<long, WindowAnswer> rows)
    {
        Tally? latest = null;
        foreach (var row in rows.Values)
        {
            if (row.Possible > 0) latest = null;
            else if (row.Certain.Count > 0) latest = row.Certain;
        }

        return latest;
    }
}
