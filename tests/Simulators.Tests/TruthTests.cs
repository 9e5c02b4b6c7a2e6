using System.Text;
using System.Text.Json;

namespace SmartCity.Simulators.Tests;

/// <summary>The records of a truth, and the answers that are worked out from them, by hand.</summary>
public sealed class TruthTests : IDisposable
{
    private const string Air = "city/bac/hn/air/aq-1";
    private const long Minute = 60_000;
    private const long T = 1_795_392_000_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("smartcity-truth-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_record_is_read_as_it_was_written()
    {
        var record = Record(7, T + 1234, 12.34567890123, TruthOutcome.Acknowledged) with { Faults = ["delay"], Rejected = new Dictionary<string, int> { ["bad-json"] = 2 }, LedgerDevice = "" };
        Assert.Equal(Text(record), Text(TruthRecord.Parse(Text(record))));
        Assert.Contains("12.34567890123", Text(record), StringComparison.Ordinal);
        Assert.Contains("no record of a truth", Assert.Throws<FormatException>(() => TruthRecord.Parse("{\"n\":1}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truth_is_read_back_device_by_device_and_says_when_it_is_not_whole()
    {
        var folder = Path.Combine(_folder, "t");
        Assert.Contains("write a truth first", Assert.Throws<ArgumentException>(() => TruthFiles.ReadRun(folder)).Message, StringComparison.Ordinal);
        using (var writer = new TruthWriter(folder))
        {
            for (var i = 0; i < 500; i++) writer.Add(Record(i, T + i, i, TruthOutcome.Acknowledged) with { Stream = $"city/bac/hn/air/aq-{i % 50}" });
            Assert.Equal(500, writer.Finish(Run).Messages["Acknowledged"]);
        }

        var all = Enumerable.Range(0, TruthFiles.Parts).Select(p => TruthFiles.Read(folder, p).ToList()).ToList();
        Assert.Equal(500, all.Sum(p => p.Count));
        Assert.Equal(50, all.Sum(p => p.Select(r => r.Stream).Distinct().Count()));
        Assert.Contains("not empty", Assert.Throws<ArgumentException>(() => new TruthWriter(folder)).Message, StringComparison.Ordinal);
        File.Delete(TruthFiles.PartFile(folder, 3));
        Assert.Contains("sent-03.jsonl.gz is missing", Assert.Throws<ArgumentException>(() => TruthFiles.Read(folder, 3).ToList()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_and_rollups_have_count_sum_least_most_first_and_last()
    {
        var answers = Answer(Record(1, T + 5, 3, TruthOutcome.Acknowledged), Record(2, T + 1, 1, TruthOutcome.Acknowledged), Record(3, T + 9, 2, TruthOutcome.Acknowledged), Record(4, T + Minute, 8, TruthOutcome.Acknowledged));
        var window = answers.Devices.Rows[(Air, "pm25", Minute)][T].Certain;
        Assert.Equal((3, 6.0, 1.0, 3.0, 1.0, 2.0), (window.Count, window.Sum, window.Min, window.Max, window.First, window.Last));
        Assert.Equal((4, 14.0), (answers.Devices.Rows[(Air, "pm25", 3_600_000)][T].Certain.Count, answers.Devices.Rows[(Air, "pm25", 3_600_000)][T].Certain.Sum));

        // T is midnight UTC, seven in the morning of a day that began at 17:00 UTC.
        Assert.Equal([T - (7 * 3_600_000)], answers.Devices.Rows[(Air, "pm25", 86_400_000)].Keys);
    }

    [Fact]
    public void A_copy_is_a_duplicate_and_a_resend_may_be_one()
    {
        var ledger = Answer(
            Record(1, T, 3, TruthOutcome.Acknowledged), Record(2, T, 3, TruthOutcome.Acknowledged) with { Sequence = 1 },
            Record(3, T + 1, 4, TruthOutcome.Acknowledged) with { Tries = 3 }, Record(4, T + 2, 5, TruthOutcome.Unknown) with { Tries = 2 },
            Record(5, T + 3, 6, TruthOutcome.Lost) with { Tries = 0 }, Record(6, T + 4, 7, TruthOutcome.Refused)).Ledger["aq-1"];
        Assert.Equal((2, 1, 1, 4), (ledger.Kept, ledger.Possible, ledger.DuplicateFrom, ledger.DuplicateTo));
    }

    [Fact]
    public void Late_is_what_certainly_came_after_its_window_and_lateness_and_what_is_near_may_be_either()
    {
        TruthRecord At(int number, long sent, long acknowledged) => Record(number, T + number, 1, TruthOutcome.Acknowledged) with { SentMs = sent, AcknowledgedMs = acknowledged };
        var edge = T + Minute + 120_000;
        var ledger = Answer(At(1, edge - 5000, edge - 4000), At(2, edge + 4000, edge + 5000), At(3, edge - 500, edge - 400), At(4, edge - 5000, edge + 5000)).Ledger["aq-1"];
        Assert.Equal((1, 1, 2), (ledger.OnTime, ledger.Late, ledger.OnTimeOrLate));
    }

    [Fact]
    public void An_answer_explains_exactly_what_can_be()
    {
        var answer = Answer(Record(1, T, 3, TruthOutcome.Acknowledged), Record(2, T + 1, 4, TruthOutcome.Unknown) with { Faults = ["loss"] }).Devices.Rows[(Air, "pm25", Minute)][T];
        SeriesAnswerRow Row(long count, double min, double max, double mean, double first, double last) => new(default, count, min, max, mean, first, last);
        Assert.Null(answer.Explain(Row(1, 3, 3, 3, 3, 3)));
        Assert.Null(answer.Explain(Row(2, 3, 4, 3.5, 3, 4)));
        Assert.NotNull(answer.Explain(null)); // lost
        Assert.NotNull(answer.Explain(Row(3, 3, 4, 3.5, 3, 4))); // doubled
        Assert.NotNull(answer.Explain(Row(2, 3, 5, 4, 3, 5))); // altered
        Assert.NotNull(answer.Explain(Row(1, 3, 3, 3.0000001, 3, 3)));
        Assert.NotNull(answer.Explain(Row(2, 3, 4, 3.5, 4, 3))); // in the wrong order
        Assert.Equal(["loss"], answer.Causes);
    }

    [Fact]
    public void Rejected_readings_are_rejected_each_time_and_balance_is_zero()
    {
        var refused = Record(1, T, 1, TruthOutcome.Acknowledged) with { Kept = [], Rejected = new Dictionary<string, int> { ["bad-json"] = 2 }, Tries = 2 };
        var ledger = Answer(refused).Ledger["aq-1"];
        Assert.Equal((2L, 4L), ledger.Rejected["bad-json"]);
        LedgerAnswerRow Row(long rejected, long balance = 0, string reason = "bad-json") => LedgerAnswerRow.Empty with { Rejected = new Dictionary<string, long> { [reason] = rejected }, Balance = balance };
        Assert.Empty(ledger.Compare(Row(4)));
        Assert.Equal("rejected: bad-json", Assert.Single(ledger.Compare(Row(1))).Field);
        Assert.Equal("balance", Assert.Single(ledger.Compare(Row(3, 1))).Field);
        Assert.Equal(2, ledger.Compare(Row(3, reason: "bad-topic")).Count());
    }

    [Theory]
    [InlineData(0.5, null, null, "--speed must be 1 to 10000")]
    [InlineData(1, null, "2026-11-20T00:00:00Z", "--start needs --duration")]
    [InlineData(1, 3600.0, "2026-11-24T00:00:00Z", "start at or before 2026-11-23T")]
    [InlineData(144, 86_400.0, "2026-11-22T12:00:00Z", "would run ahead of the clock; start at or before 2026-11-22T")]
    [InlineData(144, null, "2020-01-01T00:00:00Z", "--start must be within the last 300 days")]
    public void A_time_that_cannot_be_run_says_what_to_write(double speed, double? seconds, string? start, string expected)
    {
        var options = new CityRunOptions
        {
            Speed = speed,
            Length = seconds is { } s ? TimeSpan.FromSeconds(s) : null,
            Start = start is null ? null : DateTimeOffset.Parse(start, System.Globalization.CultureInfo.InvariantCulture),
        };
        var now = DateTimeOffset.FromUnixTimeMilliseconds(T);
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => options.Validate(now)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_accelerated_day_ends_now()
    {
        var (from, to) = new CityRunOptions { Speed = 144 }.Validate(DateTimeOffset.FromUnixTimeMilliseconds(T));
        Assert.Equal((T - 86_400_000 + 600_000, T + 600_000), (from, to));
    }

    private static TruthRun Run { get; } = new()
    {
        Seed = 1,
        Devices = 50,
        Rate = 1,
        Speed = 1,
        QoS = 1,
        Regions = ["bac"],
        EventsFrom = default,
        EventsTo = default,
        Started = default,
        Ended = default,
        Faults = new Dictionary<string, double>(),
        Scenarios = [],
        Messages = new Dictionary<string, long>(),
        Causes = new Dictionary<string, long>(),
        Resent = 0,
    };

    private static TruthAnswers Answer(params TruthRecord[] records) => TruthAnswers.Of(records, Minute, 120_000, 1000, [Minute, 3_600_000, 86_400_000], new([3_600_000]));

    private static TruthRecord Record(long number, long eventMs, double value, TruthOutcome outcome) => new()
    {
        Number = number,
        Stream = Air,
        EventMs = eventMs,
        Sequence = number,
        Kept = [("pm25", value)],
        Rejected = new Dictionary<string, int>(),
        LedgerDevice = "aq-1",
        Faults = [],
        Tries = 1,
        SentMs = eventMs + 10,
        AcknowledgedMs = outcome == TruthOutcome.Acknowledged ? eventMs + 20 : 0,
        Outcome = outcome,
    };

    private static string Text(TruthRecord record)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) record.WriteTo(json);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
