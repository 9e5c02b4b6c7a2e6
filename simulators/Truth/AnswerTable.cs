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

    private WindowAnswer RowOf(string series, string metric, long step, long ms)
    {
        if (!_rows.TryGetValue((series, metric, step), out var rows)) _rows.Add((series, metric, step), rows = []);
        var start = Floor(ms, step);
        if (!rows.TryGetValue(start, out var row)) rows.Add(start, row = new());
        return row;
    }
}
