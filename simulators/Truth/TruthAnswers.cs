using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>
/// The right answers of one part of a truth: windows, ledger and alarms of its devices, worked out from what was sent alone. In its own words: a reading is kept once,
/// however often it arrives; what arrives again is a duplicate; what is refused is refused each time.
/// </summary>
/// <param name="steps">Lengths of window and rollups that answers are wanted for, milliseconds.</param>
internal sealed class TruthAnswers(AnswerRules rules, IReadOnlyList<long> steps)
{
    private readonly Dictionary<string, LedgerExpectation> _ledger = new(StringComparer.Ordinal);

    /// <summary>Messages by stream and sequence number: copies come after one another.</summary>
    private readonly Dictionary<(string Stream, long Sequence), Arrivals> _arrivals = [];

    /// <summary>Readings of counters.</summary>
    private readonly Dictionary<(string Stream, string Metric), List<(long Ms, double Value)>> _counters = [];

    /// <summary>Windows and rollups of the devices, by topic.</summary>
    public AnswerTable Devices { get; } = new(steps);

    /// <summary>Expected ledger by device; empty for messages whose topic names none.</summary>
    public IReadOnlyDictionary<string, LedgerExpectation> Ledger => _ledger;

    /// <summary>Gets the readings of all areas, part after part; null: not wanted.</summary>
    public AnswerTable? Areas { get; init; }

    /// <summary>Which areas of which kind (<c>area/kind</c>) are wanted; null: all.</summary>
    public Func<string, bool>? WantedAreas { get; init; }

    /// <summary>Gets the samples of drive tests, part after part; null: not wanted.</summary>
    public CoverageAnswers? Coverage { get; init; }

    /// <summary>Gets the readings that alarms hang on; null: not wanted.</summary>
    public AlarmAnswers? Alarms { get; init; }

    /// <summary>Works the answers out.</summary>
    public TruthAnswers Work(IEnumerable<TruthRecord> records)
    {
        foreach (var record in records) Take(record);
        foreach (var ((stream, _), arrivals) in _arrivals) Settle(stream, arrivals);
        _arrivals.Clear();
        foreach (var ((stream, metric), readings) in _counters) Devices.CountUp(stream, metric, readings);
        _counters.Clear();
        return this;
    }

    private void Take(TruthRecord record)
    {
        var certain = record.Outcome == TruthOutcome.Acknowledged ? 1 : 0;
        var most = record.Outcome is TruthOutcome.Acknowledged or TruthOutcome.Unknown ? record.Tries : 0;
        foreach (var (reason, readings) in record.Rejected)
        {
            if (most > 0) LedgerOf(record.LedgerDevice).Reject(reason, (long)certain * readings, (long)most * readings);
        }

        if (record.Kept.Count == 0 || most == 0)
        {
            // What was broken or lost explains nothing that is there, but a person who looks for a missing reading wants to know.
            foreach (var (metric, _) in record.Kept) Devices.Touch(record.Stream, metric, record.EventMs, record.Faults);
            return;
        }

        var key = (record.Stream, record.Sequence);
        if (!_arrivals.TryGetValue(key, out var arrivals)) _arrivals.Add(key, arrivals = new(record));
        arrivals.Certain += certain;
        arrivals.Most += most;
        if (certain > 0) arrivals.LatestMs = Math.Min(arrivals.LatestMs, record.AcknowledgedMs);
        arrivals.EarliestMs = Math.Min(arrivals.EarliestMs, record.SentMs);
        if (record != arrivals.Record) arrivals.Causes.AddRange(record.Faults);
    }

    private void Settle(string stream, Arrivals arrivals)
    {
        var record = arrivals.Record;
        var certain = arrivals.Certain > 0;
        var parts = stream.Split('/');
        string[] areas = Areas is null ? [] : [.. AreasOf(parts).Where(a => WantedAreas?.Invoke(a) != false)];
        foreach (var (metric, value) in record.Kept)
        {
            Devices.Add(stream, metric, record.EventMs, value, certain, arrivals.Causes);
            Alarms?.Add(stream, metric, record.EventMs, value, certain, arrivals.Causes);
            if (certain && KindCatalog.FormOf(parts[3], metric).IsCounter) Count(stream, metric, record.EventMs, value);
            foreach (var area in areas) Areas!.Add(area, metric, record.EventMs, value, certain, arrivals.Causes);
        }

        Coverage?.Add(record, certain);
        Enter(LedgerOf(parts[4]), record, arrivals);
    }

    /// <summary>Nation, region and unit, each with the kind.</summary>
    private static string[] AreasOf(string[] topic) => [$"vn/{topic[3]}", $"{topic[1]}/{topic[3]}", $"{topic[2]}/{topic[3]}"];

    private void Enter(LedgerExpectation ledger, TruthRecord record, Arrivals arrivals)
    {
        var readings = record.Kept.Count;
        ledger.DuplicateFrom += (long)readings * Math.Max(0, arrivals.Certain - 1);
        ledger.DuplicateTo += (long)readings * (arrivals.Most - 1);
        if (arrivals.Certain == 0)
        {
            ledger.Possible += readings;
            return;
        }

        // The first to arrive arrived between the first try and the first acknowledgement.
        var lateFrom = AnswerTable.Floor(record.EventMs, rules.WindowMs) + rules.WindowMs + rules.LatenessMs;
        if (arrivals.EarliestMs - rules.ClockMs > lateFrom) ledger.Late += readings;
        else if (arrivals.LatestMs + rules.ClockMs <= lateFrom) ledger.OnTime += readings;
        else ledger.OnTimeOrLate += readings;
    }

    private void Count(string stream, string metric, long ms, double value)
    {
        if (!_counters.TryGetValue((stream, metric), out var readings)) _counters.Add((stream, metric), readings = []);
        readings.Add((ms, value));
    }

    private LedgerExpectation LedgerOf(string device)
    {
        if (!_ledger.TryGetValue(device, out var expectation)) _ledger.Add(device, expectation = new());
        return expectation;
    }

    private sealed class Arrivals(TruthRecord record)
    {
        public TruthRecord Record { get; } = record;

        /// <summary>Copies that were acknowledged: so many arrived at least.</summary>
        public int Certain { get; set; }

        /// <summary>Tries of all copies: so many arrived at most.</summary>
        public int Most { get; set; }

        public long EarliestMs { get; set; } = long.MaxValue;

        public long LatestMs { get; set; } = long.MaxValue;

        public List<string> Causes { get; } = [.. record.Faults];
    }
}
