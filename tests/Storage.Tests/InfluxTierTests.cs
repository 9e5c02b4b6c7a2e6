using System.Text.Json;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>Rows of 15 minutes, hours and days in a real influxd: once built, again when corrected, where they are to be kept.</summary>
public sealed class InfluxTierTests(InfluxServer server) : IClassFixture<InfluxServer>
{
    private const long T0 = Sample.T0;
    private const long Minute = 60_000;
    private const long Day = 86_400_000;

    private static readonly TimeTier[] s_tiers = [TimeTier.Quarter, TimeTier.Hour, TimeTier.Day];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_of_every_tier_read_back_as_the_store_has_them_and_again_after_a_correction(bool withPolicies)
    {
        var options = server.Options();
        if (withPolicies) options.Retention = new() { Windows = TimeSpan.FromDays(9000), QuarterHours = TimeSpan.FromDays(9100), Hours = TimeSpan.FromDays(9200), Days = TimeSpan.Zero, Raw = TimeSpan.FromDays(8000) };
        await using var rig = await OutboxRig.StartAsync(options);
        await FillAsync(rig);
        await AssertSameAsync(rig, 60);

        // Late, and of a time that has long been built.
        await rig.Store.WriteAsync([Sample.Window(startMs: T0 + (3 * Minute), values: [1, 2, 3, 4, 500], revision: 2)], [Sample.Area(startMs: T0 + (3 * Minute), values: [1, 2, 3])], default);
        await RollUpAsync(rig);
        await AssertSameAsync(rig, 62);
    }

    [Fact]
    public async Task Retention_policies_are_made_written_to_and_changed_when_the_options_are()
    {
        var options = server.Options();
        options.Retention = new() { Windows = TimeSpan.FromDays(9000), QuarterHours = TimeSpan.FromDays(9100), Days = TimeSpan.Zero };
        await using (var rig = await OutboxRig.StartAsync(options)) await FillAsync(rig);
        Assert.Equal(
            [("autogen", "0s", "168h0m0s"), ("days", "0s", "168h0m0s"), ("quarter_hours", "218400h0m0s", "168h0m0s"), ("windows", "216000h0m0s", "168h0m0s")], await PoliciesAsync(options));
        foreach (var (policy, measurement, rows) in ((string, string, int)[])[("windows", "reading_1m", 20), ("quarter_hours", "reading_15m", 2), ("autogen", "reading_1h", 1), ("days", "reading_1d", 1)])
            Assert.Equal(rows, await CountAsync(options, $"SELECT count(pm25_count) FROM \"{policy}\".\"{measurement}\""));
        Assert.Equal(0, await CountAsync(options, "SELECT count(pm25_count) FROM autogen.reading_15m"));

        // Less than a shard of before holds: refused without its own length of shards.
        options.Retention.QuarterHours = TimeSpan.FromDays(1);
        options.Retention.Windows = TimeSpan.Zero;
        await using (var rig = await OutboxRig.StartAsync(options))
        {
            await FillAsync(rig);
            Assert.Empty(rig.PumpLog.Entries);
        }

        Assert.Equal([("autogen", "0s", "168h0m0s"), ("days", "0s", "168h0m0s"), ("quarter_hours", "24h0m0s", "1h0m0s"), ("windows", "0s", "168h0m0s")], await PoliciesAsync(options));
    }

    [Fact]
    public async Task Without_the_option_windows_are_all_that_is_sent()
    {
        var options = server.Options();
        options.Tiers = false;
        await using var rig = await OutboxRig.StartAsync(options);
        await FillAsync(rig);
        Assert.Equal(0, await CountAsync(options, "SELECT count(pm25_count) FROM reading_15m"));
        Assert.Equal(20, await CountAsync(options, "SELECT count(pm25_count) FROM reading_1m"));
        using var history = new InfluxHistory(options, rig.Outbox, rig.Status, TimeProvider.System);
        Assert.Empty(await history.ReadDeviceAsync("d1", "air", "pm25", TimeTier.Hour, 0, long.MaxValue, default));
    }

    [Fact]
    public async Task A_full_outbox_notes_rows_of_tiers_and_sends_them_as_they_are_later()
    {
        var options = server.Options();
        options.MaxOutboxBytes = 1;
        await using var rig = await OutboxRig.StartAsync(options, pump: false);
        await WriteAsync(rig);
        await ((SqliteStore)rig.Store).RollUpAsync(T0 + (3 * Day), default);
        Assert.Equal((0, 0), (rig.Outbox.Size.Chunks, rig.Outbox.Size.Bytes));
        Assert.Equal(20 + 4, rig.Outbox.Size.Starts);
        Assert.Equal(TimeTier.Day.StartOf(T0), await rig.Outbox.FirstStartAsync(default));
        await rig.StopAsync();
        await rig.OpenAsync();
        Assert.Equal(20 + 4, rig.Outbox.Size.Starts);
        await rig.PumpAsync();
        await rig.UntilEmptyAsync();
        await AssertSameAsync(rig, 60);
    }

    [Fact]
    public async Task No_older_version_of_a_row_follows_a_newer_one_while_a_backlog_is_sent()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V1);
        var away = true;
        influx.Intervene = _ => Task.FromResult(away ? FakeAnswer.Text(503, "away") : null);
        await using var rig = await OutboxRig.StartAsync(new InfluxOptions { Url = influx.Url, MaxLiveChunks = 3, MinRetryDelay = TimeSpan.FromMilliseconds(1), MaxRetryDelay = TimeSpan.FromMilliseconds(5) });
        for (var version = 1; version <= 30; version++)
        {
            await rig.Store.WriteAsync(
                [Sample.Window(startMs: T0, values: [.. Enumerable.Range(0, version).Select(i => (double)version)], revision: version), Sample.Window("d2", startMs: T0 + (version * Minute))], [], default);
            await ((SqliteStore)rig.Store).RollUpAsync(T0 + (3 * Day), default);
            if (version == 15) away = false;
        }

        await rig.UntilEmptyAsync();
        Assert.Empty(influx.Overwritten);
        foreach (var measurement in (string[])["reading_15m", "reading_1h", "reading_1d"])
            Assert.Contains("pm25_count=30i,", Assert.Single(influx.Stored.Values, l => l.StartsWith(measurement + ",device=d1,", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, "Influx:Retention:Hours is -01:00:00; write whole hours, such as 30.00:00:00 for 30 days, or 00:00:00 for ever.")]
    [InlineData(1.5, "Influx:Retention:Hours is 01:30:00; write whole hours, such as 30.00:00:00 for 30 days, or 00:00:00 for ever.")]
    public void A_retention_that_cannot_be_kept_is_refused(double hours, string message) => Assert.Equal(
        message, Assert.Throws<ArgumentException>(() => new InfluxOptions { Url = "http://127.0.0.1:1", Retention = new() { Hours = TimeSpan.FromHours(hours) } }.Validate()).Message);

    // 20 windows of five minutes' distance in two quarters… of one hour and day, and those of an area.
    private static Task WriteAsync(OutboxRig rig) => rig.Store.WriteAsync(
        [.. Enumerable.Range(0, 20).Select(i => Sample.Window(startMs: T0 + (i * Minute), values: [i, i + 0.5, 100 - i]))],
        [.. Enumerable.Range(0, 20).Select(i => Sample.Area(startMs: T0 + (i * Minute), values: [i, i * 2.0]))],
        default);

    private static async Task FillAsync(OutboxRig rig)
    {
        await WriteAsync(rig);
        await RollUpAsync(rig);
    }

    private static async Task RollUpAsync(OutboxRig rig)
    {
        await ((SqliteStore)rig.Store).RollUpAsync(T0 + (3 * Day), default);
        await rig.UntilEmptyAsync();
    }

    private static async Task AssertSameAsync(OutboxRig rig, long readings)
    {
        using var history = new InfluxHistory(rig.Options, rig.Outbox, rig.Status, TimeProvider.System);
        foreach (var tier in s_tiers)
        {
            var (from, to) = (TimeTier.Day.StartOf(T0), TimeTier.Day.StartOf(T0) + Day);
            var ours = (await rig.Store.ReadRolledAsync("d1", "pm25", from, to, tier, new HashSet<long>(), default)).Select(r => SeriesRow.From(r.StartMs, r.Aggregate)).ToList();
            Assert.Equal(readings, ours.Sum(r => r.Count));
            Assert.Equal(ours, await history.ReadDeviceAsync("d1", "air", "pm25", tier, from, to, default));
            var area = (await rig.Store.ReadRolledAreaAsync("hn", "air", "pm25", from, to, tier, default)).Select(r => SeriesRow.From(r.StartMs, r.Aggregate));
            Assert.Equal(area, await history.ReadAreaAsync("hn", "air", "pm25", tier, from, to, default));
        }
    }

    private static async Task<List<(string Name, string Duration, string Shard)>> PoliciesAsync(InfluxOptions options) =>
        [.. (await RowsAsync(options, "SHOW RETENTION POLICIES")).Select(r => (r[0].GetString()!, r[1].GetString()!, r[2].GetString()!)).OrderBy(r => r.Item1, StringComparer.Ordinal)];

    private static async Task<long> CountAsync(InfluxOptions options, string query) => (await RowsAsync(options, query)).Sum(r => r[1].GetInt64());

    private static async Task<List<JsonElement>> RowsAsync(InfluxOptions options, string query)
    {
        using var http = new HttpClient();
        using var content = new FormUrlEncodedContent([new("db", options.Database), new("q", query)]);
        using var answer = await http.PostAsync(options.Url + "/query", content);
        var result = JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("results")[0];
        Assert.False(result.TryGetProperty("error", out var error), error.ToString());
        return result.TryGetProperty("series", out var series) ? [.. series.EnumerateArray().SelectMany(s => s.GetProperty("values").EnumerateArray())] : [];
    }
}
