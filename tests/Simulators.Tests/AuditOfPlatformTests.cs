namespace SmartCity.Simulators.Tests;

/// <summary>What an audit says of platforms that are wrong in ways in which the real one is not.</summary>
public sealed class AuditOfPlatformTests : IDisposable
{
    private const string Row = """{"start":"2026-11-23T00:00:00Z","count":1,"min":5,"max":5,"mean":5,"stddev":0,"first":5,"last":5,"p50":5,"p95":5,"p99":5}""";
    private const string Ledger = """{"accepted":1,"stored":0,"duplicate":0,"lateCorrected":1,"rejected":{},"buffered":0,"balance":0}""";
    private static readonly long s_at = new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
    private readonly string _folder = Directory.CreateTempSubdirectory("smartcity-audit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_platform_that_is_right_is_explained()
    {
        var report = await AuditAsync(TruthOutcome.Acknowledged, Right);
        Assert.True(report.Differences == 0, string.Join('\n', report.First));
        Assert.Equal((1, 0, 4, 12, 1), (report.Readings, report.Possible, report.DeviceRows, report.AreaRows, report.LatestValues));
    }

    [Theory]
    [InlineData("\"value\":5}", "\"value\":6}", "6 of 2026-11-23T00:00:00.000Z")]
    [InlineData("T00:00:00Z\",\"value\"", "T00:00:01Z\",\"value\"", "5 of 2026-11-23T00:00:01.000Z")]
    public async Task A_latest_value_that_was_not_the_last_measured_is_found(string right, string wrong, string found)
    {
        var report = await AuditAsync(TruthOutcome.Acknowledged, path => path == "/api/v1/devices/aq-1" ? Right(path)!.Replace(right, wrong, StringComparison.Ordinal) : Right(path));
        Assert.Equal(("latest pm25", found), (Assert.Single(report.First).What, report.First[0].Found));
    }

    [Fact]
    public async Task A_platform_that_has_not_stored_everything_yet_is_said_not_to_have_settled()
    {
        Assert.True((await AuditAsync(TruthOutcome.Acknowledged, Right)).Settled);
        var report = await AuditAsync(TruthOutcome.Acknowledged, path => path.StartsWith("/api/v1/ledger?", StringComparison.Ordinal) ? Ledger.Replace("\"buffered\":0", "\"buffered\":1", StringComparison.Ordinal) : Right(path));
        Assert.False(report.Settled);
    }

    [Fact]
    public async Task Nothing_is_shown_when_nothing_was_acknowledged()
    {
        var report = await AuditAsync(TruthOutcome.Unknown, _ => null);
        Assert.Equal((0, 1, 0), (report.Readings, report.Possible, report.Differences));
    }

    [Theory]
    [InlineData("1970-01-01T17:00:00Z", 86_400)]
    [InlineData("2028-11-22T17:00:00Z", 86_400)]
    [InlineData("2026-11-23T00:01:00Z", 60)]
    [InlineData("2026-11-22T23:59:00Z", 60)]
    public async Task A_row_that_must_not_be_there_is_found_beside_those_that_must_and_years_away(string day, int step)
    {
        var report = await AuditAsync(TruthOutcome.Acknowledged, path => path.Contains("/devices/aq-1/", StringComparison.Ordinal) && IsAsked(path, day, step)
            ? Right(path)!.Replace("\"rows\":[", $"\"rows\":[{Row.Replace("2026-11-23T00:00:00Z", day, StringComparison.Ordinal)},", StringComparison.Ordinal).Replace(",]", "]", StringComparison.Ordinal)
            : Right(path));
        var difference = Assert.Single(report.First);
        Assert.Equal(("aq-1", "no row", 1), (difference.Where, difference.Expected, report.Unexplained));
    }

    [Fact]
    public async Task A_row_that_is_there_twice_and_a_device_that_nobody_sent_are_differences()
    {
        var twice = await AuditAsync(TruthOutcome.Acknowledged, path => Right(path)?.Replace(Row, Row + "," + Row, StringComparison.Ordinal));
        Assert.Contains(twice.First, d => d.Found == "two rows");
        var stranger = await AuditAsync(TruthOutcome.Acknowledged, path => Right(path)?.Replace("\"items\":[{", $$"""
            "items":[{"device":"ghost",{{Ledger[1..]}},{
            """, StringComparison.Ordinal));
        Assert.Equal(("ghost", "no such device: audit a platform that nobody else publishes to"), (Assert.Single(stranger.First).Where, stranger.First[0].Expected));
    }

    /// <summary>The answers of a platform that has the one reading.</summary>
    private static string? Right(string path)
    {
        if (path.StartsWith("/api/v1/info", StringComparison.Ordinal)) return """{"windowSeconds":60,"latenessSeconds":120}""";
        if (path.StartsWith("/api/v1/ledger/devices", StringComparison.Ordinal)) return $$"""{"total":1,"items":[{"device":"aq-1",{{Ledger[1..]}}]}""";
        if (path.StartsWith("/api/v1/ledger", StringComparison.Ordinal)) return Ledger;
        if (path == "/api/v1/devices/aq-1") return """{"latest":[{"kind":"air","metric":"pm25","time":"2026-11-23T00:00:00Z","value":5}]}""";
        if (!path.Contains("/series/", StringComparison.Ordinal)) return null;
        var step = int.Parse(System.Web.HttpUtility.ParseQueryString(path[path.IndexOf('?', StringComparison.Ordinal)..])["step"]!, System.Globalization.CultureInfo.InvariantCulture);
        var start = DateTimeOffset.FromUnixTimeMilliseconds(AnswerTable.Floor(s_at, step * 1000L)).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        return IsAsked(path, start, step) ? $"{{\"rows\":[{Row.Replace("2026-11-23T00:00:00Z", start, StringComparison.Ordinal)}]}}" : "{\"rows\":[]}";
    }

    /// <summary>True when a row with that start and step is asked for.</summary>
    private static bool IsAsked(string path, string start, int step)
    {
        var query = System.Web.HttpUtility.ParseQueryString(path[path.IndexOf('?', StringComparison.Ordinal)..]);
        DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        return query["step"] == step.ToString(System.Globalization.CultureInfo.InvariantCulture) && Time(start) >= Time(query["from"]!) && Time(start) < Time(query["to"]!);
    }

    private async Task<AuditReport> AuditAsync(TruthOutcome outcome, Func<string, string?> answer)
    {
        var truth = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        using (var writer = new TruthWriter(truth))
        {
            writer.Add(TruthTests.Record(1, s_at, 5, outcome) with { SentMs = s_at + 86_400_000, AcknowledgedMs = outcome == TruthOutcome.Acknowledged ? s_at + 86_400_001 : 0 });
            writer.Finish(TruthTests.Run with { Started = DateTimeOffset.FromUnixTimeMilliseconds(s_at), Ended = DateTimeOffset.FromUnixTimeMilliseconds(s_at + 90_000_000) });
        }

        await using var platform = new ScriptedPlatform(path => answer(path) ?? (outcome == TruthOutcome.Unknown ? Empty(path) : null));
        return await new Audit(new() { Truth = truth, Url = platform.Url, Wait = TimeSpan.Zero }, TimeProvider.System).RunAsync(CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
    }

    private static string? Empty(string path) =>
        path.StartsWith("/api/v1/info", StringComparison.Ordinal) ? """{"windowSeconds":60}"""
        : path.StartsWith("/api/v1/ledger/devices", StringComparison.Ordinal) ? """{"total":0,"items":[]}"""
        : path.StartsWith("/api/v1/ledger", StringComparison.Ordinal) ? Ledger.Replace('1', '0')
        : null;
}
