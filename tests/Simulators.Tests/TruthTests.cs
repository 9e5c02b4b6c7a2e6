using System.Text;
using System.Text.Json;
using SmartCity.Contracts;

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
        static SeriesAnswerRow Row(long count, double min, double max, double mean, double first, double last) =>
            new(default, count, min, max, mean, first, last) { Stddev = (max - min) / 2, P50 = min * 1.009, P95 = min * 0.991, P99 = min };
        Assert.Null(answer.Explain(Row(1, 3, 3, 3, 3, 3), MetricForm.Plain));
        Assert.Null(answer.Explain(Row(2, 3, 4, 3.5, 3, 4), MetricForm.Plain));
        Assert.NotNull(answer.Explain(null, MetricForm.Plain)); // lost
        Assert.NotNull(answer.Explain(Row(3, 3, 4, 3.5, 3, 4), MetricForm.Plain)); // doubled
        Assert.NotNull(answer.Explain(Row(2, 3, 5, 4, 3, 5), MetricForm.Plain)); // altered
        Assert.NotNull(answer.Explain(Row(1, 3, 3, 3.0000001, 3, 3), MetricForm.Plain));
        Assert.NotNull(answer.Explain(Row(2, 3, 4, 3.5, 4, 3), MetricForm.Plain)); // in the wrong order
        Assert.Equal(["loss"], answer.Causes);
    }

    [Theory]
    [InlineData("stddev", 1.1181, 10, 20, 20)]
    [InlineData("p50", 1.118033988749895, 10.11, 20, 20)]
    [InlineData("p95", 1.118033988749895, 10, 10.9, 20)]
    [InlineData("p99", 1.118033988749895, 10, 20, double.NaN)]
    public void A_row_with_a_wrong_deviation_or_percentile_is_not_explained(string wrong, double deviation, double p50, double p95, double p99)
    {
        // 10, 11, 12, 13: the values at the ranks ⌊1.5⌋, ⌊2.85⌋ and ⌊2.97⌋ are 11, 12 and 12.
        var answer = Answer([.. Enumerable.Range(0, 4).Select(i => Record(i, T + i, 10 + i, TruthOutcome.Acknowledged))]).Devices.Rows[(Air, "pm25", Minute)][T];
        SeriesAnswerRow row = new(default, 4, 10, 13, 11.5, 10, 13) { Stddev = 1.118033988749895, P50 = 11.1, P95 = 11.9, P99 = 12 };
        Assert.Null(answer.Explain(row, MetricForm.Plain));
        row = wrong switch { "stddev" => row with { Stddev = deviation }, "p50" => row with { P50 = p50 }, "p95" => row with { P95 = p95 }, _ => row with { P99 = p99 } };
        Assert.StartsWith(wrong, answer.Explain(row, MetricForm.Plain)!.Value.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Percentiles_on_a_report_grid_are_within_half_a_step_and_means_are_of_power_or_direction()
    {
        var answer = Answer(Record(1, T, -100, TruthOutcome.Acknowledged), Record(2, T + 1, -90, TruthOutcome.Acknowledged)).Devices.Rows[(Air, "pm25", Minute)][T];
        var form = new MetricForm(MeanKind.Power, ReportingGrid.Rsrp);
        SeriesAnswerRow row = new(default, 2, -100, -90, -95, -100, -90) { Stddev = 5, P50 = -99.5, P95 = -99.5, P99 = -99.5, PowerMean = -92.59637310505755 };
        Assert.Null(answer.Explain(row, form));
        Assert.Equal("p50 -100", answer.Explain(row with { P50 = -99.4 }, form)!.Value.Expected);
        Assert.Equal("powerMean null", answer.Explain(row with { PowerMean = null }, form)!.Value.Found);
        Assert.Contains("powerMean -92.596", answer.Explain(row with { PowerMean = -95 }, form)!.Value.Expected, StringComparison.Ordinal);

        var north = Answer(Record(1, T, 350, TruthOutcome.Acknowledged), Record(2, T + 1, 20, TruthOutcome.Acknowledged)).Devices.Rows[(Air, "pm25", Minute)][T];
        row = new(default, 2, 20, 350, 185, 350, 20) { Stddev = 165, P50 = 20, P95 = 20, P99 = 20, VectorMean = 5 };
        Assert.Null(north.Explain(row, MetricForm.Of(MeanKind.Vector)));
        Assert.NotNull(north.Explain(row with { VectorMean = 185 }, MetricForm.Of(MeanKind.Vector)));
    }

    [Fact]
    public void A_counter_grows_from_reading_to_reading_across_windows_and_a_fall_is_a_reset()
    {
        var meter = "city/bac/hn/energy/em-1";
        TruthRecord At(int number, long ms, double value, TruthOutcome outcome = TruthOutcome.Acknowledged) => Record(number, T + ms, value, outcome) with { Stream = meter, Kept = [("energy", value)] };
        var rows = Answer(At(1, 0, 100), At(3, 30_000, 4), At(2, 10_000, 103), At(4, Minute, 10), At(5, 3 * Minute, 11, TruthOutcome.Unknown), At(6, 4 * Minute, 12), At(7, 5 * Minute, 15))
            .Devices.Rows[(meter, "energy", Minute)];
        Assert.Equal([(7.0, 1L), (6.0, 0L), null, null, (3.0, 0L)], rows.Values.Select(r => r.Counted));
        SeriesAnswerRow row = new(default, 1, 10, 10, 10, 10, 10) { P50 = 10, P95 = 10, P99 = 10, Increase = 6, Resets = 0 };
        Assert.Null(rows[T + Minute].Explain(row, MetricForm.Counter));
        Assert.Equal("increase 6 with 0 resets", rows[T + Minute].Explain(row with { Increase = 5 }, MetricForm.Counter)!.Value.Expected);
        Assert.NotNull(rows[T + Minute].Explain(row with { Resets = 1 }, MetricForm.Counter));
    }

    [Fact]
    public void Coverage_counts_the_samples_of_a_tile_a_day_and_an_operator()
    {
        var coverage = new CoverageAnswers();
        var place = new TruthPlace(21.028, 105.854, "452-04");
        TruthRecord At(int number, double rsrp) => Record(number, T + number, rsrp, TruthOutcome.Acknowledged) with { Stream = "city/bac/hn/mdt/ue-1", Kept = [("rsrp", rsrp), ("dl", 1)], Place = place };
        coverage.Add(At(1, -100), certain: true);
        coverage.Add(At(2, -90), certain: true);
        coverage.Add(At(3, -80), certain: true);
        var (key, answer) = Assert.Single(coverage.Squares);
        var tile = TileId.Of(21.028, 105.854, TileId.BaseZoom);
        Assert.Equal(new("452-04", T - (7 * 3_600_000), tile.X, tile.Y, "rsrp"), key);
        Assert.Null(answer.Explain(3, -89.5, ReportingGrid.Rsrp));
        Assert.Equal(1, answer.Explain(3, -88.5, ReportingGrid.Rsrp)!.Value.Readings);
        Assert.Equal(1, answer.Explain(2, -89.5, ReportingGrid.Rsrp)!.Value.Readings);
        Assert.Equal(("3 samples, median -90", "no square", 3), answer.Explain(0, double.NaN, ReportingGrid.Rsrp));
        coverage.Add(At(4, -70), certain: false);
        Assert.Null(answer.Explain(4, -79.5, ReportingGrid.Rsrp));
        Assert.NotNull(answer.Explain(5, -79.5, ReportingGrid.Rsrp));
    }

    [Fact]
    public void A_row_with_too_many_possible_readings_to_try_is_known_within_bounds()
    {
        // 10, and thirteen that may be there: 20, 21, … 32.
        var answer = Answer([Record(1, T, 10, TruthOutcome.Acknowledged), .. Enumerable.Range(0, 13).Select(i => Record(2 + i, T + 1 + i, 20 + i, TruthOutcome.Unknown))]).Devices.Rows[(Air, "pm25", Minute)][T];
        Assert.True(answer.IsLoose);

        // With 21 and 31.
        SeriesAnswerRow row = new(default, 3, 10, 31, 62 / 3.0, 10, 31) { Stddev = 8.6, P50 = 21, P95 = 21, P99 = 21 };
        Assert.Null(answer.Explain(row, MetricForm.Plain));
        Assert.NotNull(answer.Explain(row with { Mean = 76 / 3.0 }, MetricForm.Plain)); // 10 + 32 + 31 is the most
        Assert.NotNull(answer.Explain(row with { Min = 20 }, MetricForm.Plain)); // 10 is there
        Assert.NotNull(answer.Explain(row with { Max = 30.5 }, MetricForm.Plain)); // nobody sent it
        Assert.NotNull(answer.Explain(row with { Last = 33 }, MetricForm.Plain));
        Assert.NotNull(answer.Explain(row with { P50 = 40 }, MetricForm.Plain));
        Assert.NotNull(answer.Explain(row with { Count = 15 }, MetricForm.Plain));
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

    internal static TruthRun Run { get; } = new()
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

    private static TruthAnswers Answer(params TruthRecord[] records) => new TruthAnswers(new(Minute, 120_000, 1000), [Minute, 3_600_000, 86_400_000]).Work(records);

    internal static TruthRecord Record(long number, long eventMs, double value, TruthOutcome outcome) => new()
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
