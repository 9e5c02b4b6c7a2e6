namespace SmartCity.Simulators;

/// <summary>
/// Compares a platform with a truth: windows and rollups of every device and area, latest values, the coverage map, the ledger device by device, and the dead letters. What the sender cannot
/// know (a message that was sent and never acknowledged) may be there or not; everything else must be as it was sent.
/// </summary>
public sealed class Audit
{
    private const int UsualLatenessSeconds = 120;

    /// <summary>How far ahead a clock that jumps may be.</summary>
    private const int YearsAhead = 4;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(500);

    private readonly AuditOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<string> _warn;
    private readonly DifferenceList _differences;
    private readonly Dictionary<string, LedgerExpectation> _ledger = new(StringComparer.Ordinal);
    private string _phase = "reads the truth";
    private int _parts;
    private int _ofParts = 1;
    private long _comparing;
    private SeriesAudit[] _series = [];

    /// <param name="warn">Gets warnings for people.</param>
    public Audit(AuditOptions options, TimeProvider clock, Action<string>? warn = null)
    {
        options.Validate();
        (_options, _clock, _warn) = (options, clock, warn ?? (_ => { }));
        _differences = new(options.First);
    }

    /// <summary>Where it is; may be asked at any time, from any thread.</summary>
    public AuditProgress Progress
    {
        get
        {
            var comparing = Volatile.Read(ref _comparing);
            return new(
                Volatile.Read(ref _phase), (double)Volatile.Read(ref _parts) / Volatile.Read(ref _ofParts), comparing == 0 ? TimeSpan.Zero : _clock.GetElapsedTime(comparing),
                Volatile.Read(ref _series).Sum(s => s.Rows), _differences.Count);
        }
    }

    /// <summary>The first differences found so far.</summary>
    public IReadOnlyList<Difference> First => _differences.First;

    /// <exception cref="ArgumentException">The truth is not whole, or the platform cannot be asked; the message says what to do.</exception>
    public async Task<AuditReport> RunAsync(CancellationToken stop)
    {
        var started = _clock.GetTimestamp();
        var run = TruthFiles.ReadRun(_options.Truth);
        using var api = new PlatformApi(_options.Url, _options.Token, _options.Wait, _clock);
        var info = await api.InfoAsync(stop).ConfigureAwait(false);
        var rules = new AnswerRules(info.WindowSeconds * 1000L, (_options.LatenessSeconds ?? info.LatenessSeconds ?? UsualLatenessSeconds) * 1000L, _options.ClockMs);

        var work = new TruthWork(_options.Truth, rules);

        // First only the ledger's figures, which need little memory: how much the platform must have before it can be asked for the rest.
        var (fromMs, toMs) = (run.Started.ToUnixTimeMilliseconds() - 3_600_000, run.Ended.ToUnixTimeMilliseconds() + 3_600_000);
        foreach (var answers in work.Ledgers())
        {
            LedgerExpectation.Merge(_ledger, answers.Ledger);
            foreach (var rows in answers.Devices.Rows.Values) (fromMs, toMs) = (Math.Min(fromMs, rows.Keys.First()), Math.Max(toMs, rows.Keys.Last() + rules.WindowMs));
        }

        var settled = await SettleAsync(api, fromMs, toMs, stop).ConfigureAwait(false);
        var readings = _ledger.Values.Sum(l => l.Kept);
        var passes = TruthWork.PassesFor(readings);

        // A device's rows cost about what those of its three areas cost together: a pass over areas counts as its share of the parts. The ledger is the last one.
        var partsOfPass = TruthFiles.Parts / passes;
        Volatile.Write(ref _ofParts, TruthFiles.Parts + (passes * partsOfPass) + 1);
        Volatile.Write(ref _phase, "compares devices");
        Volatile.Write(ref _comparing, _clock.GetTimestamp());
        var untilMs = _clock.GetUtcNow().AddYears(YearsAhead).ToUnixTimeMilliseconds();
        var (devices, areas) = (new SeriesAudit(api, _differences, untilMs), new SeriesAudit(api, _differences, untilMs));
        var latest = new LatestAudit(api, _differences);
        Volatile.Write(ref _series, [devices, areas]);
        var coverage = new CoverageAnswers();
        foreach (var answers in work.Devices(coverage))
        {
            await devices.CompareAsync(answers.Devices, rules.WindowMs, stop).ConfigureAwait(false);
            await latest.CompareAsync(answers.Devices, rules.WindowMs, stop).ConfigureAwait(false);
            Interlocked.Increment(ref _parts);
        }

        Volatile.Write(ref _phase, "compares areas");
        foreach (var table in work.Areas(passes))
        {
            await areas.CompareAsync(table, null, stop).ConfigureAwait(false);
            Interlocked.Add(ref _parts, partsOfPass);
        }

        Volatile.Write(ref _phase, "compares coverage and the ledger");
        var squares = await new CoverageAudit(api, _differences).CompareAsync(coverage, stop).ConfigureAwait(false);
        var ledger = await CompareLedgerAsync(api, fromMs, toMs, stop).ConfigureAwait(false);
        return new()
        {
            Unexplained = _differences.Unexplained,
            Differences = _differences.Count,
            First = _differences.First,
            Readings = readings,
            Devices = run.Devices,
            Possible = _ledger.Values.Sum(l => l.Possible),
            DeviceRows = devices.Rows,
            AreaRows = areas.Rows,
            LooseRows = devices.Loose + areas.Loose,
            LatestValues = latest.Values,
            CoverageSquares = squares,
            Settled = settled,
            Ledger = ledger,
            Causes = run.Causes,
            Seconds = _clock.GetElapsedTime(started).TotalSeconds,
        };
    }

    /// <summary>Waits until the platform has at least what was acknowledged, and nothing is buffered; false when that takes too long.</summary>
    private async Task<bool> SettleAsync(PlatformApi api, long fromMs, long toMs, CancellationToken stop)
    {
        var accepted = _ledger.Values.Sum(l => l.AcceptedFrom);
        for (var started = _clock.GetTimestamp(); ;)
        {
            var ledger = await api.LedgerAsync(fromMs, toMs, stop).ConfigureAwait(false);
            if (ledger.Buffered == 0 && ledger.Accepted >= accepted) return true;
            Volatile.Write(ref _phase, $"waits for the platform: {ledger.Accepted:N0} of {accepted:N0} readings accepted, {ledger.Buffered:N0} buffered");
            if (_clock.GetElapsedTime(started) > _options.Wait)
            {
                _warn($"The platform has not settled within {_options.Wait.TotalSeconds:0} s: {ledger.Accepted} of {accepted} readings accepted, {ledger.Buffered} buffered. Comparing all the same; a longer --wait may help.");
                return false;
            }

            await Task.Delay(s_poll, _clock, stop).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyDictionary<string, long>> CompareLedgerAsync(PlatformApi api, long fromMs, long toMs, CancellationToken stop)
    {
        var found = await api.LedgersAsync(_ledger.Keys, fromMs, toMs, stop).ConfigureAwait(false);
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (device, row) in found)
        {
            if (!_ledger.ContainsKey(device)) _differences.Add(new(device.Length == 0 ? "(topics that name no device)" : device, "ledger", null, "no such device: audit a platform that nobody else publishes to", $"{row.Accepted} readings accepted", row.Accepted, []));
        }

        foreach (var (device, expected) in _ledger)
        {
            var row = found.GetValueOrDefault(device) ?? LedgerAnswerRow.Empty;
            foreach (var (field, value) in Fields(row)) sums[field] = sums.GetValueOrDefault(field) + value;
            var name = device.Length == 0 ? "(topics that name no device)" : device;
            foreach (var (field, wanted, shown, readings) in expected.Compare(row)) _differences.Add(new(name, "ledger: " + field, null, wanted, shown, readings, []));
            if (device.Length == 0 || row.Rejected.Count == 0 || await api.DeadLettersAsync(device, stop).ConfigureAwait(false) is not { } letters) continue;

            // What is rejected must be there to be looked at.
            foreach (var (reason, readings) in row.Rejected)
            {
                if (letters.GetValueOrDefault(reason) < readings)
                    _differences.Add(new(name, "dead letters: " + reason, null, $"{readings}, as in the ledger", $"{letters.GetValueOrDefault(reason)}", readings - letters.GetValueOrDefault(reason), []));
            }
        }

        return sums;
    }

    private static IEnumerable<(string Field, long Value)> Fields(LedgerAnswerRow row) =>
        [("accepted", row.Accepted), ("stored", row.Stored), ("duplicate", row.Duplicate), ("lateCorrected", row.LateCorrected), ("buffered", row.Buffered), ("balance", row.Balance),
            .. row.Rejected.Select(r => ("rejected: " + r.Key, r.Value))];
}
