namespace SmartCity.Silo;

/// <summary>Rows of one window each, or of one row of a time tier, from the store and from elsewhere, made one series.</summary>
internal static class SeriesHistoryMerge
{
    /// <summary>
    /// The kept row where there is exactly one of a window, else the store's. The store's, too, where the window is in memory, and where it counts more readings: then the kept
    /// one is an older version that somehow stayed.
    /// </summary>
    /// <param name="stored">Ascending by start.</param>
    /// <param name="open">Starts of rows of which something is in memory.</param>
    /// <param name="kept">Ascending by start; two of one start are of a device that moved, and percentiles cannot be merged.</param>
    public static IReadOnlyList<SeriesRow> Prefer(IReadOnlyList<SeriesRow> stored, IReadOnlyList<SeriesRow> kept, IReadOnlySet<long> open, long stepMs, int windowSeconds)
    {
        if (kept.Count == 0) return stored;
        var rows = stored.ToDictionary(r => r.StartMs);
        foreach (var step in kept.GroupBy(r => TimeTier.StartOfStep(r.StartMs, stepMs, windowSeconds)))
        {
            if (open.Contains(step.Key) || step.ToList() is not [{ Count: > 0 } row] || row.StartMs != step.Key) continue;
            if (!rows.TryGetValue(step.Key, out var ours) || ours.Count <= row.Count) rows[step.Key] = row;
        }

        return [.. rows.Values.OrderBy(r => r.StartMs)];
    }
}
