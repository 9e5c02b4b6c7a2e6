namespace SmartCity.Simulators;

/// <summary>The right answer for one window: the readings that must be in it, those that may be, and what was done to them.</summary>
internal sealed class WindowAnswer
{
    /// <summary>Readings that may be in the window and are looked at one by one.</summary>
    private const int MaxTried = 12;

    private List<(long Ms, double Value)>? _possible;
    private HashSet<string>? _causes;

    /// <summary>The readings that must be in it.</summary>
    public Tally Certain { get; } = new();

    /// <summary>Faults and scenarios that touched it.</summary>
    public IReadOnlyCollection<string> Causes => (IReadOnlyCollection<string>?)_causes ?? [];

    /// <summary>Readings that may be in it: sent, but never acknowledged.</summary>
    public int Possible => _possible?.Count ?? 0;

    public void Add(long ms, double value, bool certain, IReadOnlyList<string> causes)
    {
        if (certain) Certain.Add(ms, value);
        else (_possible ??= []).Add((ms, value));
        if (causes.Count > 0) (_causes ??= new(StringComparer.Ordinal)).UnionWith(causes);
    }

    public void Touch(IReadOnlyList<string> causes)
    {
        if (causes.Count > 0) (_causes ??= new(StringComparer.Ordinal)).UnionWith(causes);
    }

    /// <summary>What is wrong with a row that the platform shows (null: none); null when it is explained.</summary>
    public (string Expected, long Readings)? Explain(SeriesAnswerRow? row)
    {
        var found = row?.Count ?? 0;
        if (found == Certain.Count && (found == 0 || Fits(Certain, row!))) return null;
        var extra = found - Certain.Count;
        if (extra > 0 && extra <= Possible && Possible <= MaxTried && SomeSubsetFits(row!, (int)extra)) return null;

        // Too many to try: the count decides.
        if (extra > 0 && extra <= Possible && Possible > MaxTried) return null;
        return (Describe(), Math.Max(1, Math.Abs(extra)));
    }

    public string Describe() => FormattableString.Invariant(
        $"count {Certain.Count}{(Possible > 0 ? $" to {Certain.Count + Possible}" : "")}, sum {Certain.Sum:G10}, min {Certain.Min}, max {Certain.Max}, first {Certain.First}, last {Certain.Last}");

    private bool SomeSubsetFits(SeriesAnswerRow row, int size)
    {
        for (var mask = 1; mask < 1 << Possible; mask++)
        {
            if (int.PopCount(mask) != size) continue;
            var tally = Certain.Clone();
            for (var i = 0; i < Possible; i++)
            {
                if ((mask & (1 << i)) != 0) tally.Add(_possible![i].Ms, _possible[i].Value);
            }

            if (Fits(tally, row)) return true;
        }

        return false;
    }

    private static bool Fits(Tally expected, SeriesAnswerRow row) =>
        row.Count == expected.Count && row.Min == expected.Min && row.Max == expected.Max && row.First == expected.First && row.Last == expected.Last
            && Math.Abs((row.Mean * row.Count) - expected.Sum) <= 1e-9 * Math.Max(1e-6, expected.Weight);
}
