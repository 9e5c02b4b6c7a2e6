using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>Right answers by series (a device or an area), metric, step and start.</summary>
/// <param name="steps">Lengths of the rows, milliseconds.</param>
internal sealed class AnswerTable(IReadOnlyList<long> steps)
{
    private const long DayMs = 86_400_000;
    private readonly Dictionary<(string Series, string Metric, long StepMs), SortedDictionary<long, WindowAnswer>> _rows = [];

    public IReadOnlyDictionary<(string Series, string Metric, long StepMs), SortedDictionary<long, WindowAnswer>> Rows => _rows;

    /// <summary>Start of the row that holds an instant: whole days begin at midnight in Vietnam, other steps count from 1970 UTC.</summary>
    public static long Floor(long ms, long stepMs)
    {
        var offset = stepMs % DayMs == 0 ? DayTime.OffsetMs : 0;
        return ms - ((((ms + offset) % stepMs) + stepMs) % stepMs);
    }

    public void Add(string series, string metric, long ms, double value, bool certain, IReadOnlyList<string> causes)
    {
        foreach (var step in steps) RowOf(series, metric, step, ms).Add(ms, value, certain, causes);
    }

    /// <summary>Remembers what was done to readings that are not there.</summary>
    public void Touch(string series, string metric, long ms, IReadOnlyList<string> causes)
    {
        foreach (var step in steps) RowOf(series, metric, step, ms).Touch(causes);
    }

    /// <summary>
    /// Works out what a counter has grown by in each row, with the step from the reading before it: in the order of event time, of two at the same instant the smaller first; a value that
    /// falls has been reset and counted up to itself since.
    /// </summary>
    /// <param name="readings">All readings of the series that must be there.</param>
    public void CountUp(string series, string metric, IEnumerable<(long Ms, double Value)> readings)
    {
        var ordered = readings.Order().ToList();
        foreach (var step in steps)
        {
            if (!_rows.TryGetValue((series, metric, step), out var rows)) continue;
            var sums = new Dictionary<long, (double Increase, long Resets)>();
            for (var i = 0; i < ordered.Count; i++)
            {
                var start = Floor(ordered[i].Ms, step);
                var (increase, resets) = sums.GetValueOrDefault(start);
                var (before, value) = (i == 0 ? ordered[i].Value : ordered[i - 1].Value, ordered[i].Value);
                sums[start] = value < before ? (increase + value, resets + 1) : (increase + value - before, resets);
            }

            // A reading that may be there leaves its row open, and the next, whose step begins at it.
            var open = false;
            foreach (var (start, row) in rows)
            {
                row.Counted = row.Possible > 0 || open || !sums.TryGetValue(start, out var sum) ? null : sum;
                open = row.Possible > 0 || (open && row.Certain.Count == 0);
            }
        }
    }

    /// <summary>The form that the catalogue gives a metric of a series named <c>city/region/unit/kind/device</c> or <c>area/kind</c>.</summary>
    public static MetricForm FormOf(string series, string metric)
    {
        var parts = series.Split('/');
        return KindCatalog.FormOf(parts.Length == 2 ? parts[1] : parts[3], metric);
    }

    private WindowAnswer RowOf(string series, string metric, long step, long ms)
    {
        if (!_rows.TryGetValue((series, metric, step), out var rows)) _rows.Add((series, metric, step), rows = []);
        var start = Floor(ms, step);
        if (!rows.TryGetValue(start, out var row)) rows.Add(start, row = new());
        return row;
    }
}
