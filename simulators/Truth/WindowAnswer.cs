using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>The right answer for one window: the readings that must be in it, those that may be, and what was done to them.</summary>
internal sealed class WindowAnswer
{
    /// <summary>Readings that may be in the window and are looked at one by one.</summary>
    private const int MaxTried = 12;

    /// <summary>Of the percentiles of a sketch, relative.</summary>
    private const double SketchError = 0.01;

    /// <summary>A moment for readings of which only the value counts.</summary>
    private const long FarMs = long.MaxValue / 2;

    private List<(long Ms, double Value)>? _possible;
    private HashSet<string>? _causes;

    /// <summary>The readings that must be in it.</summary>
    public Tally Certain { get; } = new();

    /// <summary>Faults and scenarios that touched it.</summary>
    public IReadOnlyCollection<string> Causes => (IReadOnlyCollection<string>?)_causes ?? [];

    /// <summary>True where more readings are possible than choices can be tried: the row is then only known to lie within bounds.</summary>
    public bool IsLoose => Possible > MaxTried;

    /// <summary>Readings that may be in it: sent, but never acknowledged.</summary>
    public int Possible => _possible?.Count ?? 0;

    /// <summary>What a counter has grown by and how often it fell, with the step from the reading before the row; null where that cannot be known.</summary>
    public (double Increase, long Resets)? Counted { get; set; }

    public void Add(long ms, double value, bool certain, IReadOnlyList<string> causes)
    {
        if (certain) Certain.Add(ms, value);
        else (_possible ??= []).Add((ms, value));
        Touch(causes);
    }

    public void Touch(IReadOnlyList<string> causes)
    {
        if (causes.Count > 0) (_causes ??= new(StringComparer.Ordinal)).UnionWith(causes);
    }

    /// <summary>What is wrong with a row that the platform shows (null: none); null when it is explained.</summary>
    public (string Expected, string Found, long Readings)? Explain(SeriesAnswerRow? row, MetricForm form)
    {
        var found = row?.Count ?? 0;
        var extra = found - Certain.Count;
        if (extra == 0)
        {
            if (found == 0) return null;
            if (!Fits(Certain, row!)) return (Describe(), row!.Describe(), 1);

            // Where nothing is left open, everything that a row says must be right.
            return FirstWrong(Certain, row!, form) is var (expected, shown) ? (expected, shown, 1) : CountedWrong(row!);
        }

        if (extra > 0 && extra <= Possible && Possible <= MaxTried && SomeSubsetFits(row!, (int)extra, form)) return null;

        if (extra > 0 && extra <= Possible && Possible > MaxTried && Bounded(row!, (int)extra, form)) return null;
        return (Describe(), row?.Describe() ?? "no row", Math.Abs(extra));
    }

    public string Describe() => FormattableString.Invariant(
        $"count {Certain.Count}{(Possible > 0 ? $" to {Certain.Count + Possible}" : "")}, sum {Certain.Sum:G10}, min {Certain.Min}, max {Certain.Max}, first {Certain.First}, last {Certain.Last}");

    private bool SomeSubsetFits(SeriesAnswerRow row, int size, MetricForm form)
    {
        for (var mask = 1; mask < 1 << Possible; mask++)
        {
            if (int.PopCount(mask) != size) continue;
            var tally = Certain.Clone();
            for (var i = 0; i < Possible; i++)
            {
                if ((mask & (1 << i)) != 0) tally.Add(_possible![i].Ms, _possible[i].Value);
            }

            if (Fits(tally, row) && FirstWrong(tally, row, form) is null) return true;
        }

        return false;
    }

    /// <summary>True when so many of the possible readings can give the row: too many to try each choice, so each figure must lie between the least and the most that a choice gives.</summary>
    private bool Bounded(SeriesAnswerRow row, int size, MetricForm form)
    {
        var values = _possible!.ConvertAll(p => p.Value).Order().ToList();
        var (least, most) = (Certain.Clone(), Certain.Clone());
        foreach (var value in values.Take(size)) least.Add(FarMs, value);
        foreach (var value in values.TakeLast(size)) most.Add(FarMs, value);
        var rounding = 1e-9 * Math.Max(1e-6, Math.Max(least.Weight, most.Weight));
        var sum = row.Mean * row.Count;
        if (row.Count != least.Count || sum < least.Sum - rounding || sum > most.Sum + rounding) return false;
        if (row.Min > Certain.Min || row.Max < Certain.Max || !Has(row.Min, Certain.Min) || !Has(row.Max, Certain.Max) || !Has(row.First, Certain.First) || !Has(row.Last, Certain.Last)) return false;
        foreach (var (q, found) in (ReadOnlySpan<(double, double)>)[(0.5, row.P50), (0.95, row.P95), (0.99, row.P99)])
        {
            var (from, to) = (least.Quantile(q), most.Quantile(q));
            if (found < from - Error(from, form) || found > to + Error(to, form)) return false;
        }

        return true;

        bool Has(double found, double certain) => (Certain.Count > 0 && found == certain) || values.BinarySearch(found) >= 0;
    }

    private static bool Fits(Tally expected, SeriesAnswerRow row) =>
        row.Count == expected.Count && row.Min == expected.Min && row.Max == expected.Max && row.First == expected.First && row.Last == expected.Last
            && Math.Abs((row.Mean * row.Count) - expected.Sum) <= 1e-9 * Math.Max(1e-6, expected.Weight);

    /// <summary>The first of deviation, percentiles and proper mean that is not right.</summary>
    private static (string Expected, string Found)? FirstWrong(Tally expected, SeriesAnswerRow row, MetricForm form)
    {
        var deviation = expected.StandardDeviation();
        var scale = Math.Max(Math.Abs(expected.Min), Math.Abs(expected.Max));
        if (!(Math.Abs(row.Stddev - deviation) <= (1e-6 * deviation) + (1e-9 * scale) + 1e-12)) return Text("stddev", deviation, row.Stddev);
        foreach (var (name, q, found) in (ReadOnlySpan<(string, double, double)>)[("p50", 0.5, row.P50), ("p95", 0.95, row.P95), ("p99", 0.99, row.P99)])
        {
            var value = expected.Quantile(q);
            if (!(Math.Abs(found - value) <= Error(value, form))) return Text(name, value, found);
        }

        if (expected.ProperMean(form.Mean) is not { } mean) return null;
        if (form.Mean == MeanKind.Power) return row.PowerMean is { } power && Math.Abs(power - mean) <= 1e-6 ? null : Text("powerMean", mean, row.PowerMean);
        return row.VectorMean is { } direction && Math.Abs(Antenna.Wrap(direction - mean)) <= 1e-3 ? null : Text("vectorMean", mean, row.VectorMean);
    }

    private (string Expected, string Found, long Readings)? CountedWrong(SeriesAnswerRow row)
    {
        if (Counted is not var (increase, resets)) return null;
        if (row.Resets == resets && row.Increase is { } found && Math.Abs(found - increase) <= 1e-9 * Math.Max(1, Math.Max(Math.Abs(increase), Certain.Max))) return null;
        return (FormattableString.Invariant($"increase {increase:G12} with {resets} resets"), FormattableString.Invariant($"increase {row.Increase:G12} with {row.Resets} resets"), 1);
    }

    /// <summary>How far a percentile may be off: half a step of its report grid, or 1 %, and what is rounded.</summary>
    private static double Error(double value, MetricForm form) => (form.Grid is { } grid ? HalfStep(grid) : SketchError * Math.Abs(value)) + (1e-9 * Math.Abs(value)) + 1e-9;

    /// <summary>Half a step of a report grid, dBm or dB.</summary>
    public static double HalfStep(ReportingGrid grid) => (grid.MiddleOf(2) - grid.MiddleOf(1)) / 2;

    private static (string, string) Text(string name, double expected, double? found) =>
        (FormattableString.Invariant($"{name} {expected:G10}"), found is { } value ? FormattableString.Invariant($"{name} {value:G10}") : $"{name} null");
}
