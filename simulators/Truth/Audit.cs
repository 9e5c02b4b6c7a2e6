namespace SmartCity.Simulators;

/// <summary>
/// Compares a platform with a truth: windows and rollups of every device, rollups of every area, the ledger device by device, and the dead letters. What the sender cannot
/// know (a message that was sent and never acknowledged) may be there or not; everything else must be as it was sent.
/// </summary>
public sealed class Audit
{
    private const int AtOnce = 8;
    private const int MaxRows = 15_000;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(500);
    private static readonly long[] s_tiers = [900_000, 3_600_000, 86_400_000];

    private readonly AuditOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<string> _warn;
    private readonly Lock _gate = new();
    private readonly List<Difference> _first = [];
    private readonly Dictionary<string, LedgerExpectation> _ledger = new(StringComparer.Ordinal);
    private long _differences;
    private long _missing;
    private long _elsewhere;
    private long _deviceRows;
    private long _areaRows;
    private string _phase = "reads the truth";
    private int _parts;
    private long _comparing;

    /// <param name="warn">Gets warnings for people.</param>
    public Audit(AuditOptions options, TimeProvider clock, Action<string>? warn = null)
    {
        options.Validate();
        (_options, _clock, _warn) = (options, clock, warn ?? (_ => { }));
    }

    /// <summary>Where it is; may be asked at any time, from any thread.</summary>
    public AuditProgress Progress
    {
        get
        {
            var comparing = Volatile.Read(ref _comparing);
            var elapsed = comparing == 0 ? TimeSpan.Zero : _clock.GetElapsedTime(comparing);
            lock (_gate) return new(Volatile.Read(ref _phase), (double)Volatile.Read(ref _parts) / (TruthFiles.Parts + 1), elapsed, Interlocked.Read(ref _deviceRows) + Interlocked.Read(ref _areaRows), _differences);
        }
    }

    /// <summary>The first differences found so far.</summary>
    public IReadOnlyList<Difference> First
    {
        get
        {
            lock (_gate) return [.. _first];
        }
    }

    /// <exception cref="ArgumentException">The truth is not whole, or the platform cannot be asked; the message says what to do.</exception>
    public async Task<AuditReport> RunAsync(CancellationToken stop)
    {
        var started = _clock.GetTimestamp();
        var run = TruthFiles.ReadRun(_options.Truth);
        using var api = new PlatformApi(_options.Url, _options.Token, _options.Wait, _clock);
        var windowMs = await api.WindowSecondsAsync(stop).ConfigureAwait(false) * 1000L;
        long[] tiers = [.. s_tiers.Where(t => t > windowMs && t % windowMs == 0)];
        var areas = new AnswerTable(tiers);

        // First only the ledger's figures, which need little memory: how much the platform must have before it can be asked for the rest.
        var (fromMs, toMs) = (run.Started.ToUnixTimeMilliseconds() - 3_600_000, run.Ended.ToUnixTimeMilliseconds() + 3_600_000);
        for (var part = 0; part < TruthFiles.Parts; part++)
        {
            var answers = TruthAnswers.Of(TruthFiles.Read(_options.Truth, part), windowMs, _options.LatenessSeconds * 1000L, _options.ClockMs, [windowMs], new([]));
            foreach (var (device, expected) in answers.Ledger)
            {
                if (!_ledger.TryGetValue(device, out var known)) _ledger.Add(device, known = new());
                known.Add(expected);
            }

            foreach (var rows in answers.Devices.Rows.Values) (fromMs, toMs) = (Math.Min(fromMs, rows.Keys.First()), Math.Max(toMs, rows.Keys.Last() + windowMs));
        }

        await SettleAsync(api, fromMs, toMs, stop).ConfigureAwait(false);
        Volatile.Write(ref _phase, "compares devices");
        Volatile.Write(ref _comparing, _clock.GetTimestamp());
        for (var part = 0; part < TruthFiles.Parts; part++)
        {
            var answers = TruthAnswers.Of(TruthFiles.Read(_options.Truth, part), windowMs, _options.LatenessSeconds * 1000L, _options.ClockMs, [windowMs, .. tiers], areas);
            await CompareAsync(answers.Devices, windowMs, isArea: false, api, stop).ConfigureAwait(false);
            Volatile.Write(ref _parts, part + 1);
        }

        Volatile.Write(ref _phase, "compares areas and the ledger");
        await CompareAsync(areas, windowMs, isArea: true, api, stop).ConfigureAwait(false);
        var ledger = await CompareLedgerAsync(api, fromMs, toMs, stop).ConfigureAwait(false);
        return new()
        {
            // A reading that is missing or wrong in its device is also so in areas and ledger: those count for themselves only when the devices are right.
            Unexplained = _missing > 0 ? _missing : _elsewhere,
            Differences = _differences,
            First = _first,
            Readings = _ledger.Values.Sum(l => l.Kept),
            Devices = run.Devices,
            DeviceRows = _deviceRows,
            AreaRows = _areaRows,
            Ledger = ledger,
            Causes = run.Causes,
            Seconds = _clock.GetElapsedTime(started).TotalSeconds,
        };
    }

    /// <summary>Waits until the platform has at least what was acknowledged, and nothing is buffered.</summary>
    private async Task SettleAsync(PlatformApi api, long fromMs, long toMs, CancellationToken stop)
    {
        var accepted = _ledger.Values.Sum(l => l.AcceptedFrom);
        for (var started = _clock.GetTimestamp(); ;)
        {
            var ledger = await api.LedgerAsync(fromMs, toMs, stop).ConfigureAwait(false);
            if (ledger.Buffered == 0 && ledger.Accepted >= accepted) return;
            Volatile.Write(ref _phase, $"waits for the platform: {ledger.Accepted:N0} of {accepted:N0} readings accepted, {ledger.Buffered:N0} buffered");
            if (_clock.GetElapsedTime(started) > _options.Wait)
            {
                _warn($"The platform has not settled within {_options.Wait.TotalSeconds:0} s: {ledger.Accepted} of {accepted} readings accepted, {ledger.Buffered} buffered. Comparing all the same; a longer --wait may help.");
                return;
            }

            await Task.Delay(s_poll, _clock, stop).ConfigureAwait(false);
        }
    }

    private Task CompareAsync(AnswerTable table, long windowMs, bool isArea, PlatformApi api, CancellationToken stop) =>
        Parallel.ForEachAsync(table.Rows, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (entry, cancel) =>
        {
            var ((series, metric, stepMs), expected) = entry;
            var parts = series.Split('/');
            var (name, kind) = isArea ? (parts[0], parts[1]) : (parts[4], parts[3]);
            var found = new Dictionary<long, SeriesAnswerRow>();
            var last = expected.Keys.Last() + stepMs;
            for (var from = expected.Keys.First(); from < last; from += MaxRows * stepMs)
            {
                var to = Math.Min(last, from + (MaxRows * stepMs));
                var rows = isArea
                    ? await api.AreaAsync(name, kind, metric, stepMs, from, to, cancel).ConfigureAwait(false)
                    : await api.DeviceAsync(name, kind, metric, stepMs, from, to, cancel).ConfigureAwait(false);
                foreach (var row in rows) found.Add(row.Start.ToUnixTimeMilliseconds(), row);
            }

            Interlocked.Add(ref isArea ? ref _areaRows : ref _deviceRows, expected.Count);
            foreach (var (start, answer) in expected)
            {
                found.Remove(start, out var row);
                if (answer.Explain(row) is not var (text, readings)) continue;
                Add(new(name, $"{metric} ({stepMs / 1000} s)", At(start), text, row?.Describe() ?? "no row", readings, [.. answer.Causes]), isOfDevice: !isArea && stepMs == windowMs);
            }

            foreach (var (start, row) in found)
                Add(new(name, $"{metric} ({stepMs / 1000} s)", At(start), "no row", row.Describe(), row.Count, []), isOfDevice: !isArea && stepMs == windowMs);
        });

    private async Task<IReadOnlyDictionary<string, long>> CompareLedgerAsync(PlatformApi api, long fromMs, long toMs, CancellationToken stop)
    {
        var found = await api.LedgersAsync(_ledger.Keys, fromMs, toMs, stop).ConfigureAwait(false);
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (device, expected) in _ledger)
        {
            var row = found.GetValueOrDefault(device) ?? LedgerAnswerRow.Empty;
            foreach (var (field, value) in Fields(row)) sums[field] = sums.GetValueOrDefault(field) + value;
            var name = device.Length == 0 ? "(topics that name no device)" : device;
            foreach (var (field, wanted, shown, readings) in expected.Compare(row)) Add(new(name, "ledger: " + field, null, wanted, shown, readings, []), isOfDevice: false);
            if (device.Length == 0 || row.Rejected.Count == 0 || await api.DeadLettersAsync(device, stop).ConfigureAwait(false) is not { } letters) continue;

            // What is rejected must be there to be looked at.
            foreach (var (reason, readings) in row.Rejected)
            {
                if (letters.GetValueOrDefault(reason) < readings)
                    Add(new(name, "dead letters: " + reason, null, $"{readings}, as in the ledger", $"{letters.GetValueOrDefault(reason)}", readings - letters.GetValueOrDefault(reason), []), isOfDevice: false);
            }
        }

        return sums;
    }

    private static IEnumerable<(string Field, long Value)> Fields(LedgerAnswerRow row) =>
        [("accepted", row.Accepted), ("stored", row.Stored), ("duplicate", row.Duplicate), ("lateCorrected", row.LateCorrected), ("buffered", row.Buffered), ("balance", row.Balance),
            .. row.Rejected.Select(r => ("rejected: " + r.Key, r.Value))];

    private void Add(Difference difference, bool isOfDevice)
    {
        lock (_gate)
        {
            _differences++;
            if (isOfDevice) _missing += difference.Readings;
            else _elsewhere += difference.Readings;
            if (_first.Count < _options.First) _first.Add(difference);
        }
    }

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
