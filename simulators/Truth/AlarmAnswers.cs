namespace SmartCity.Simulators;

/// <summary>Which alarms must be raised and which must not, by the readings of devices in the order of event time.</summary>
internal sealed class AlarmAnswers(IReadOnlyList<AlarmRule> rules)
{
    /// <summary>Nobody knows what was between two readings that are further apart; longer for rules with a longer time.</summary>
    private static readonly TimeSpan s_gap = TimeSpan.FromMinutes(30);

    private readonly SortedDictionary<(string Rule, string Stream), List<Reading>> _readings = new(Comparer<(string, string)>.Create((a, b) => (string.CompareOrdinal(a.Item1, b.Item1), string.CompareOrdinal(a.Item2, b.Item2)).CompareTo((0, 0))));

    public void Add(string stream, string metric, long ms, double value, bool certain, IReadOnlyList<string> causes)
    {
        foreach (var rule in rules)
        {
            if (rule.Metric != metric || (rule.Kind is { } kind && stream.Split('/')[3] != kind)) continue;
            if (!_readings.TryGetValue((rule.Id, stream), out var list)) _readings.Add((rule.Id, stream), list = []);
            list.Add(new(ms, value, certain, causes));
        }
    }

    /// <summary>The answers of the devices so far, by rule and topic; forgets their readings.</summary>
    public IEnumerable<AlarmAnswer> Take()
    {
        foreach (var ((id, stream), readings) in _readings)
        {
            var rule = rules.First(r => r.Id == id);
            readings.Sort((a, b) => (a.Ms, a.Value).CompareTo((b.Ms, b.Value)));
            foreach (var answer in Answers(rule, stream[(stream.LastIndexOf('/') + 1)..], readings)) yield return answer;
        }

        _readings.Clear();
    }

    private static IEnumerable<AlarmAnswer> Answers(AlarmRule rule, string device, List<Reading> readings)
    {
        // Must: what is certain suffices, whatever else arrived. May: it suffices when all that may have arrived helps.
        var must = Spans(rule, readings, r => r.Certain && rule.Holds(r.Value), r => !rule.Holds(r.Value), Math.Max(s_gap.TotalMilliseconds, rule.For.TotalMilliseconds)).ToList();
        var may = Spans(rule, readings, r => rule.Holds(r.Value), r => r.Certain && !rule.Holds(r.Value), double.MaxValue).Where(m => !must.Exists(f => f[0].Ms <= m[^1].Ms && m[0].Ms <= f[^1].Ms)).ToList();
        foreach (var span in must) yield return Of(span, "fire");
        foreach (var span in may) yield return Of(span, "may");
        if (must.Count + may.Count == 0) yield return new(rule.Id, device, "not", null, null, null, Peak(rule, readings), []);

        AlarmAnswer Of(List<Reading> span, string word) => new(
            rule.Id, device, word, At(span[0].Ms), At(span.First(r => r.Ms - span[0].Ms >= rule.For.TotalMilliseconds).Ms), At(span[^1].Ms), Peak(rule, span),
            [.. span.SelectMany(r => r.Causes).Distinct().Order(StringComparer.Ordinal)]);
    }

    /// <summary>Runs of readings that hold, ended by one that breaks them or by a gap, and long enough.</summary>
    private static IEnumerable<List<Reading>> Spans(AlarmRule rule, List<Reading> readings, Func<Reading, bool> holds, Func<Reading, bool> breaks, double maxGapMs)
    {
        var span = new List<Reading>();
        foreach (var reading in readings)
        {
            if (span.Count > 0 && reading.Ms - span[^1].Ms > maxGapMs)
            {
                if (IsLong(span)) yield return span;
                span = [];
            }

            if (holds(reading))
            {
                span.Add(reading);
                continue;
            }

            if (!breaks(reading)) continue;
            if (IsLong(span)) yield return span;
            span = [];
        }

        if (IsLong(span)) yield return span;

        bool IsLong(List<Reading> found) => found.Count > 0 && found[^1].Ms - found[0].Ms >= rule.For.TotalMilliseconds;
    }

    private static double Peak(AlarmRule rule, List<Reading> readings) => rule.Below ? readings.Min(r => r.Value) : readings.Max(r => r.Value);

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    private sealed record Reading(long Ms, double Value, bool Certain, IReadOnlyList<string> Causes);
}
