namespace SmartCity.Simulators;

/// <summary>
/// The right answers of one part of a truth: windows and ledger of its devices, worked out from what was sent alone. In its own words: a reading is kept once, however
/// often it arrives; what arrives again is a duplicate; what is refused is refused each time.
/// </summary>
/// <param name="windowMs">Length of a window.</param>
/// <param name="latenessMs">How long after its window's end a reading is on time.</param>
/// <param name="clockMs">How far the sender's clock and the platform's may differ.</param>
/// <param name="steps">Lengths of window and rollups that answers are wanted for, milliseconds.</param>
/// <param name="areas">Gets the readings of all areas, part after part.</param>
internal sealed class TruthAnswers(long windowMs, long latenessMs, long clockMs, IReadOnlyList<long> steps, AnswerTable areas)
{
    private readonly Dictionary<string, LedgerExpectation> _ledger = new(StringComparer.Ordinal);

    /// <summary>Messages by stream and sequence number: copies come after one another.</summary>
    private readonly Dictionary<(string Stream, long Sequence), Arrivals> _arrivals = [];

    /// <summary>Windows and rollups of the devices, by topic.</summary>
    public AnswerTable Devices { get; } = new(steps);

    /// <summary>Expected ledger by device; empty for messages whose topic names none.</summary>
    public IReadOnlyDictionary<string, LedgerExpectation> Ledger => _ledger;

    /// <summary>Works the answers out.</summary>
    public static TruthAnswers Of(IEnumerable<TruthRecord> records, long windowMs, long latenessMs, long clockMs, IReadOnlyList<long> steps, AnswerTable areas)
    {
        var answers = new TruthAnswers(windowMs, latenessMs, clockMs, steps, areas);
        foreach (var record in records) answers.Take(record);
        foreach (var ((stream, _), arrivals) in answers._arrivals) answers.Settle(stream, arrivals);
        answers._arrivals.Clear();
        return answers;
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
        var ledger = LedgerOf(stream[(stream.LastIndexOf('/') + 1)..]);
        var readings = record.Kept.Count;
        var certain = arrivals.Certain > 0;
        var parts = stream.Split('/');
        foreach (var (metric, value) in record.Kept)
        {
            Devices.Add(stream, metric, record.EventMs, value, certain, arrivals.Causes);
            foreach (var area in (ReadOnlySpan<string>)["vn", parts[1], parts[2]]) areas.Add($"{area}/{parts[3]}", metric, record.EventMs, value, certain, arrivals.Causes);
        }

        ledger.DuplicateFrom += (long)readings * Math.Max(0, arrivals.Certain - 1);
        ledger.DuplicateTo += (long)readings * (arrivals.Most - 1);
        if (!certain)
        {
            ledger.Possible += readings;
            return;
        }

        // The first to arrive arrived between the first try and the first acknowledgement.
        var lateFrom = AnswerTable.Floor(record.EventMs, windowMs) + windowMs + latenessMs;
        if (arrivals.EarliestMs - clockMs > lateFrom) ledger.Late += readings;
        else if (arrivals.LatestMs + clockMs <= lateFrom) ledger.OnTime += readings;
        else ledger.OnTimeOrLate += readings;
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
