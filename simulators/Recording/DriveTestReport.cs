namespace SmartCity.Simulators;

/// <summary>What an import took and what it left out.</summary>
public sealed class DriveTestReport
{
    private readonly Dictionary<(string Field, string Why), (long Count, int FirstLine)> _fields = [];
    private readonly Dictionary<string, (long Count, int FirstLine)> _rows = [];

    public long Rows { get; internal set; }

    /// <summary>Rows that became a message.</summary>
    public long Taken { get; internal set; }

    public IReadOnlyList<string> UnusedColumns { get; internal set; } = [];

    /// <summary>Fields that were left out, by reason, with the line of the first.</summary>
    public IEnumerable<(string Field, string Why, long Count, int FirstLine)> Fields => _fields.Select(f => (f.Key.Field, f.Key.Why, f.Value.Count, f.Value.FirstLine)).OrderByDescending(f => f.Count);

    /// <summary>Rows that were left out, by reason, with the line of the first.</summary>
    public IEnumerable<(string Why, long Count, int FirstLine)> LeftOut => _rows.Select(r => (r.Key, r.Value.Count, r.Value.FirstLine)).OrderByDescending(r => r.Count);

    internal void Field(string field, string why, int line) => _fields[(field, why)] = _fields.TryGetValue((field, why), out var old) ? (old.Count + 1, old.FirstLine) : (1, line);

    internal void Row(string why, int line) => _rows[why] = _rows.TryGetValue(why, out var old) ? (old.Count + 1, old.FirstLine) : (1, line);
}
