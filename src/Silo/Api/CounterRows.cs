using System.Collections.Frozen;

namespace SmartCity.Silo;

/// <summary>Rows of a device's counter with the steps between them, so that they add up to what it has counted (docs/specs/011-counters.md).</summary>
internal static class CounterRows
{
    private const long LookBackMs = 32L * 86_400_000;

    /// <summary>Adds to each row the step from the last value before it. Rows that an earlier version stored know their ends only.</summary>
    /// <param name="rows">Ascending by start.</param>
    /// <param name="before">The last value before the first row; null when there is none, and then that row counts from its first reading.</param>
    /// <param name="rollover">See <see cref="MetricForm.Rollover"/>.</param>
    public static IReadOnlyList<SeriesRow> Link(IReadOnlyList<SeriesRow> rows, double? before, double rollover)
    {
        var linked = new List<SeriesRow>(rows.Count);
        foreach (var row in rows)
        {
            var sum = double.IsNaN(row.Increase) ? CounterStep.Between(row.First, row.Last, rollover) : new CounterStep(row.Increase, row.Resets);
            if (before is { } value) sum += CounterStep.Between(value, row.First, rollover);
            linked.Add(row with { Increase = sum.Increase, Resets = sum.Resets });
            before = row.Last;
        }

        return linked;
    }

    /// <summary>
    /// The last value of a counter before an instant; null when there is none for a month. It nearly always lies one row back, so the first stride is short, and each further one is
    /// twice as long.
    /// </summary>
    /// <param name="held">The device's windows in memory.</param>
    public static async Task<double?> LastBeforeAsync(
        ITelemetryStore store, string device, string kind, string metric, long beforeMs, IReadOnlyList<DeviceWindow> held, int windowSeconds, CancellationToken cancellationToken)
    {
        var (windowMs, to) = (windowSeconds * 1000L, beforeMs);
        var last = held.Where(w => w.StartMs < beforeMs && w.Stream.Kind == kind).Select(w => (w.Aggregate.LastMs, w.Aggregate.Last)).DefaultIfEmpty((long.MinValue, 0)).Max();
        for (var stride = Math.Max(windowMs, TimeTier.Quarter.LengthMs); last.LastMs < to && to > beforeMs - LookBackMs; stride *= 2)
        {
            // Long strides begin where days do, so that they are read from days.
            var tier = stride < TimeTier.Day.LengthMs ? null : TimeTier.For(TimeTier.Day.LengthMs, windowSeconds);
            var from = TimeTier.StartOfStep(to - stride, tier is null ? windowMs : TimeTier.Day.LengthMs, windowSeconds);
            foreach (var row in await store.ReadRolledAsync(device, metric, from, to, tier, FrozenSet<long>.Empty, cancellationToken))
            {
                var end = (row.Aggregate.LastMs, row.Aggregate.Last);
                if (row.Stream!.Kind == kind && row.Aggregate.Count > 0 && end.CompareTo(last) > 0) last = end;
            }

            to = from;
        }

        return last.LastMs == long.MinValue ? null : last.Last;
    }
}
