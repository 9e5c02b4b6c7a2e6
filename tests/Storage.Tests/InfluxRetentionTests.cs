using System.Text;

namespace SmartCity.Storage.Tests;

/// <summary>Places with a retention of their own, as each version has them: made, changed, or the command is said.</summary>
public sealed class InfluxRetentionTests
{
    private static readonly byte[] s_lines = LineBatcher.Compress("reading_1m,device=d1 f_last=1 1764000000000\n"u8);
    private readonly ListLogger<InfluxWriter> _log = new();
    private readonly List<string> _calls = [];

    [Fact]
    public async Task Version_2_has_a_bucket_of_its_own_that_is_made_with_its_retention()
    {
        HashSet<string> buckets = [];
        await using var influx = Recording(InfluxApiVersion.V2, request =>
        {
            if (!request.Target.StartsWith("POST /api/v2/buckets", StringComparison.Ordinal)) return null;
            buckets.Add("city_windows");
            return FakeAnswer.Json(201, "{}");
        }, buckets);
        Assert.Equal(WriteOutcome.Accepted, await WriteAsync(influx));
        Assert.Contains("""POST /api/v2/buckets {"orgID":"0a1b","name":"city_windows","retentionRules":[{"type":"expire","everySeconds":864000}]}""", _calls);
        Assert.Contains(influx.Requests, r => r.Contains("&bucket=city_windows&", StringComparison.Ordinal));
        Assert.Equal(0, _log.Count(3018));
    }

    [Theory]
    [InlineData(3600, true)]
    [InlineData(864_000, false)]
    public async Task A_bucket_of_version_2_that_keeps_another_time_is_changed(long seconds, bool changed)
    {
        await using var influx = Recording(InfluxApiVersion.V2, request => request.Path == "/api/v2/buckets"
            ? FakeAnswer.Json(200, $$"""{"buckets":[{"id":"77","retentionRules":[{"type":"expire","everySeconds":{{seconds}}}]}]}""") : request.Path == "/api/v2/buckets/77" ? FakeAnswer.Json(200, "{}") : null);
        influx.Databases!.Add("city_windows");
        Assert.Equal(WriteOutcome.Accepted, await WriteAsync(influx, times: 3));
        Assert.Equal(changed ? 1 : 0, _calls.Count(c => c == """PATCH /api/v2/buckets/77 {"retentionRules":[{"type":"expire","everySeconds":864000}]}"""));
        Assert.Equal(1, _calls.Count(c => c.StartsWith("GET /api/v2/buckets?", StringComparison.Ordinal))); // once, not with every write
    }

    [Fact]
    public async Task Version_3_has_a_database_of_its_own()
    {
        await using var influx = Recording(InfluxApiVersion.V3, _ => null);
        Assert.Equal(WriteOutcome.Accepted, await WriteAsync(influx));
        Assert.Contains("""POST /api/v3/configure/database {"db":"city_windows","retention_period":"240h"}""", _calls);
    }

    [Fact]
    public async Task A_policy_that_may_not_be_changed_is_said_once_with_the_command_and_writing_goes_on()
    {
        await using var influx = Recording(InfluxApiVersion.V1, request => request.Path == "/query" ? FakeAnswer.Json(200, """{"results":[{"error":"user may not"}]}""") : null);
        influx.Databases!.Add("city");
        Assert.Equal(WriteOutcome.Accepted, await WriteAsync(influx, times: 3));
        var said = Assert.Single(_log.Entries, e => e.Id == 3018).Text;
        Assert.StartsWith("InfluxDB does not keep windows for 240h, as Influx:Retention says (user may not); writing goes on. Run: influx -host 127.0.0.1 -port ", said, StringComparison.Ordinal);
        Assert.EndsWith("-execute 'ALTER RETENTION POLICY \"windows\" ON \"city\" DURATION 240h SHARD DURATION 24h'", said, StringComparison.Ordinal);
        Assert.Equal(3, influx.Requests.Count(r => r == "POST /write?db=city&rp=windows&precision=ms"));
    }

    [Theory]
    [InlineData(InfluxApiVersion.V1, "-execute 'CREATE DATABASE \"city\"; CREATE RETENTION POLICY \"windows\" ON \"city\" DURATION 240h REPLICATION 1 SHARD DURATION 24h'")]
    [InlineData(InfluxApiVersion.V2, "--name city_windows --retention 240h")]
    [InlineData(InfluxApiVersion.V3, "--retention-period 240h city_windows")]
    public async Task What_cannot_be_made_is_said_with_its_retention(InfluxApiVersion version, string command)
    {
        await using var influx = Recording(version, request => request.IsWrite || request.Target.StartsWith("GET", StringComparison.Ordinal) ? null : FakeAnswer.Json(403, "{}"));
        var outcome = await WriteAsync(influx);
        Assert.Equal(WriteResult.Keep, outcome.Result);
        Assert.EndsWith(command, outcome.Message, StringComparison.Ordinal);
    }

    private FakeInflux Recording(InfluxApiVersion version, Func<FakeRequest, FakeAnswer?> answer, HashSet<string>? there = null) => new(version)
    {
        Databases = there ?? [],
        Intervene = request =>
        {
            if (!request.IsWrite) _calls.Add(request.Target + " " + Encoding.UTF8.GetString(request.Body));
            return Task.FromResult(answer(request));
        },
    };

    private async Task<WriteOutcome> WriteAsync(FakeInflux influx, int times = 1)
    {
        var options = InfluxV3WriteTests.Options(influx);
        options.Retention = new() { Windows = TimeSpan.FromDays(10) };
        using var writer = new InfluxWriter(options, logger: _log);
        var outcome = await writer.WriteAsync(s_lines, default);
        for (var i = 1; i < times; i++) outcome = await writer.WriteAsync(s_lines, default);
        return outcome;
    }
}
