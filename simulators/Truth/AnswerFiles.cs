using System.IO.Compression;
using System.Text.Json;

namespace SmartCity.Simulators;

/// <summary>
/// The right answers of a truth as files, for people and programs without this one: the folder <c>answers</c> with windows and rollups of devices and areas, coverage,
/// ledger and alarms, one JSON object a line. What hangs on a message without an acknowledgement is marked as possible. <see cref="Audit"/> does not read them: it works them out for the platform's window.
/// </summary>
public static class AnswerFiles
{
    private const int ClockMs = 1000;

    public static string FolderOf(string truth) => Path.Combine(truth, "answers");

    /// <summary>Works the answers out and writes them in the place of those that are there, when they are whole.</summary>
    /// <param name="truth">Folder of the truth.</param>
    /// <param name="windowSeconds">Length of a window.</param>
    /// <param name="latenessSeconds">How long after its window's end a reading is on time.</param>
    /// <returns>Lines by file.</returns>
    /// <exception cref="ArgumentException">The truth is not whole, or a number makes no sense; the message says what to do.</exception>
    public static IReadOnlyDictionary<string, long> Write(string truth, int windowSeconds = 60, int latenessSeconds = 120, CancellationToken stop = default)
    {
        if (windowSeconds is < 1 or > 86_400) throw new ArgumentException("--window must be 1 to 86400 seconds: Window:Seconds of the platform.");
        if (latenessSeconds < 0) throw new ArgumentException("--lateness must be 0 or more seconds: Window:LatenessSeconds of the platform.");
        TruthFiles.ReadRun(truth);
        var rules = new AnswerRules(windowSeconds * 1000L, latenessSeconds * 1000L, ClockMs);
        var unfinished = FolderOf(truth) + ".unfinished";
        Remove(unfinished);
        Directory.CreateDirectory(unfinished);
        try
        {
            var lines = Write(unfinished, new TruthWork(truth, rules), stop);
            Remove(FolderOf(truth));
            Directory.Move(unfinished, FolderOf(truth));
            return lines;
        }
        finally
        {
            Remove(unfinished);
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private static SortedDictionary<string, long> Write(string folder, TruthWork work, CancellationToken stop)
    {
        var (coverage, alarms, ledger) = (new CoverageAnswers(), new AlarmAnswers(AlarmRule.Standard), new SortedDictionary<string, LedgerExpectation>(StringComparer.Ordinal));
        var lines = new SortedDictionary<string, long>(StringComparer.Ordinal);
        using (var devices = new Lines(folder, "devices", lines))
        {
            using var fired = new Lines(folder, "alarms", lines);
            foreach (var part in work.Devices(coverage, alarms))
            {
                stop.ThrowIfCancellationRequested();
                Rows(devices, part.Devices, "device");
                foreach (var answer in alarms.Take()) fired.Write(json => Alarm(json, answer));
                LedgerExpectation.Merge(ledger, part.Ledger);
            }
        }

        using (var areas = new Lines(folder, "areas", lines))
        {
            foreach (var table in work.Areas(TruthWork.PassesFor(ledger.Values.Sum(l => l.Kept))))
            {
                stop.ThrowIfCancellationRequested();
                Rows(areas, table, "area");
            }
        }

        using (var squares = new Lines(folder, "coverage", lines))
        {
            foreach (var (key, answer) in coverage.Squares.OrderBy(s => (s.Key.DayMs, s.Key.X, s.Key.Y)).ThenBy(s => s.Key.Plmn, StringComparer.Ordinal).ThenBy(s => s.Key.Metric, StringComparer.Ordinal))
                squares.Write(json => Square(json, key, answer));
        }

        using (var entries = new Lines(folder, "ledger", lines))
        {
            foreach (var (device, expected) in ledger) entries.Write(json => Entry(json, device, expected));
        }

        return lines;
    }

    private static void Rows(Lines lines, AnswerTable table, string name)
    {
        foreach (var ((series, metric, step), rows) in table.Rows.OrderBy(r => r.Key.Series, StringComparer.Ordinal).ThenBy(r => r.Key.Metric, StringComparer.Ordinal).ThenBy(r => r.Key.StepMs))
        {
            foreach (var (start, answer) in rows)
            {
                if (answer.Certain.Count + answer.Possible > 0) lines.Write(json => Row(json, name, series, metric, step, start, answer));
            }
        }
    }

    private static void Row(Utf8JsonWriter json, string name, string series, string metric, long stepMs, long startMs, WindowAnswer answer)
    {
        json.WriteString(name, series);
        json.WriteString("metric", metric);
        json.WriteNumber("step", stepMs / 1000);
        json.WriteString("start", At(startMs));
        json.WriteNumber("count", answer.Certain.Count);
        if (answer.Possible > 0) json.WriteNumber("possible", answer.Possible);
        if (answer.Certain is { Count: > 0 } tally)
        {
            json.WriteNumber("sum", tally.Sum);
            json.WriteNumber("min", tally.Min);
            json.WriteNumber("max", tally.Max);
            json.WriteNumber("stddev", tally.StandardDeviation());
            json.WriteNumber("first", tally.First);
            json.WriteNumber("last", tally.Last);
            json.WriteNumber("p50", tally.Quantile(0.5));
            json.WriteNumber("p95", tally.Quantile(0.95));
            json.WriteNumber("p99", tally.Quantile(0.99));
            if (tally.ProperMean(AnswerTable.FormOf(series, metric).Mean) is { } mean) json.WriteNumber("properMean", mean);
        }

        if (answer.Counted is var (increase, resets))
        {
            json.WriteNumber("increase", increase);
            json.WriteNumber("resets", resets);
        }

        Texts(json, "causes", answer.Causes);
    }

    private static void Square(Utf8JsonWriter json, CoverageKey key, CoverageAnswer answer)
    {
        json.WriteString("plmn", key.Plmn);
        json.WriteString("day", At(key.DayMs));
        json.WriteString("tile", FormattableString.Invariant($"{CoverageAnswers.Zoom}/{key.X}/{key.Y}"));
        json.WriteString("metric", key.Metric);
        json.WriteNumber("samples", answer.Certain.Count);
        if (answer.Possible > 0) json.WriteNumber("possible", answer.Possible);
        if (answer.Certain.Count > 0) json.WriteNumber("median", answer.Certain.Quantile(0.5));
    }

    private static void Entry(Utf8JsonWriter json, string device, LedgerExpectation expected)
    {
        json.WriteString("device", device);
        json.WriteNumber("stored", expected.OnTime);
        json.WriteNumber("lateCorrected", expected.Late);
        if (expected.OnTimeOrLate > 0) json.WriteNumber("storedOrLateCorrected", expected.OnTimeOrLate);
        json.WriteNumber("duplicate", expected.DuplicateFrom);
        if (expected.DuplicateTo > expected.DuplicateFrom) json.WriteNumber("possibleDuplicate", expected.DuplicateTo - expected.DuplicateFrom);
        if (expected.Possible > 0) json.WriteNumber("possible", expected.Possible);
        json.WriteStartObject("rejected");
        foreach (var (reason, (from, _)) in expected.Rejected) json.WriteNumber(reason, from);
        json.WriteEndObject();
    }

    private static void Alarm(Utf8JsonWriter json, AlarmAnswer answer)
    {
        json.WriteString("rule", answer.Rule);
        json.WriteString("device", answer.Device);
        json.WriteString("must", answer.Must);
        if (answer is { From: { } from, Due: { } due, To: { } to })
        {
            json.WriteString("from", from.UtcDateTime);
            json.WriteString("due", due.UtcDateTime);
            json.WriteString("to", to.UtcDateTime);
        }

        json.WriteNumber("peak", answer.Peak);
        Texts(json, "causes", answer.Causes);
    }

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyCollection<string> texts)
    {
        if (texts.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var text in texts.Order(StringComparer.Ordinal)) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static DateTime At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime;

    /// <summary>A compressed file with one object a line.</summary>
    private sealed class Lines : IDisposable
    {
        private readonly string _name;
        private readonly IDictionary<string, long> _counts;
        private readonly GZipStream _stream;
        private readonly Utf8JsonWriter _json;
        private long _count;

        public Lines(string folder, string name, IDictionary<string, long> counts)
        {
            (_name, _counts) = (name, counts);
            _stream = new(File.Create(Path.Combine(folder, name + ".jsonl.gz")), CompressionLevel.Fastest);
            _json = new(_stream);
        }

        public void Write(Action<Utf8JsonWriter> fields)
        {
            _json.Reset();
            _json.WriteStartObject();
            fields(_json);
            _json.WriteEndObject();
            _json.Flush();
            _stream.WriteByte((byte)'\n');
            _count++;
        }

        public void Dispose()
        {
            _json.Dispose();
            GzipFile.Close(_stream, _count == 0);
            _counts[_name] = _count;
        }
    }
}
