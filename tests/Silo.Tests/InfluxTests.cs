using System.Text.Json;
using SmartCity.Storage.Tests;

namespace SmartCity.Silo.Tests;

/// <summary>Closed windows in a real InfluxDB.</summary>
public sealed class InfluxTests
{
    private static readonly string[] s_window = ["--Window:Seconds=2", "--Window:SpreadSeconds=0", "--Window:GraceSeconds=0"];

    [Fact]
    public async Task Closed_windows_of_devices_and_areas_arrive_in_InfluxDB()
    {
        using var influx = new InfluxServer();
        await influx.InitializeAsync();
        await using var silo = await SiloProcess.StartAsync(["--Influx:Url=" + influx.Url, "--Influx:Database=city", .. s_window]);
        var start = await PublishWindowAsync(silo, "influx-1", 12.5, 20.5);

        var reading = await QueryAsync(influx, "SELECT * FROM reading_1m WHERE device='influx-1'");
        Assert.Equal(
            (start, "influx-1", "air", "dn", "trung", 2.0, 12.5, 20.5, 16.5, 12.5, 20.5),
            ((long)reading["time"].GetDouble(), Tag(reading, "device"), Tag(reading, "kind"), Tag(reading, "unit"), Tag(reading, "region"), Field(reading, "pm25_count"),
                Field(reading, "pm25_min"), Field(reading, "pm25_max"), Field(reading, "pm25_mean"), Field(reading, "pm25_first"), Field(reading, "pm25_last")));
        foreach (var area in (string[])["dn", "trung", "vn"])
        {
            var row = await QueryAsync(influx, $"SELECT * FROM area_1m WHERE area='{area}'");
            Assert.Equal((start, area, "air", 2.0, 16.5), ((long)row["time"].GetDouble(), Tag(row, "area"), Tag(row, "kind"), Field(row, "pm25_count"), Field(row, "pm25_mean")));
        }
    }

    [Fact]
    public async Task The_series_of_the_API_are_read_from_InfluxDB_and_from_the_store_when_it_is_away()
    {
        using var influx = new InfluxServer();
        await influx.InitializeAsync();
        await using var silo = await SiloProcess.StartAsync(["--Influx:Url=" + influx.Url, "--Influx:Database=city", .. s_window]);
        var start = await PublishWindowAsync(silo, "influx-4", 1, 3);
        await QueryAsync(influx, "SELECT * FROM reading_1m WHERE device='influx-4'");
        await QueryAsync(influx, "SELECT * FROM area_1m WHERE area='dn'");

        // Windows that the store does not have: kept longer in InfluxDB, say.
        using var http = new HttpClient { BaseAddress = new(influx.Url) };
        const string Fields = "pm25_count=7i,pm25_min=1,pm25_max=9,pm25_mean=5,pm25_stddev=2,pm25_first=1,pm25_last=9,pm25_p50=5,pm25_p95=9,pm25_p99=9";
        using var lines = new StringContent($"reading_1m,device=influx-4,kind=air,region=trung,unit=dn {Fields} {start - 20_000}\narea_1m,area=dn,kind=air {Fields} {start - 20_000}\n");
        Assert.True((await http.PostAsync("/write?db=city&precision=ms", lines)).IsSuccessStatusCode);
        var from = DateTimeOffset.FromUnixTimeMilliseconds(start - 30_000).ToString("O");
        foreach (var path in (string[])["/api/v1/devices/influx-4/series/pm25?from=", "/api/v1/areas/dn/series/air/pm25?from="])
        {
            Assert.Equal([(7, 5), (2, 2)], await RowsAsync(path));
            Assert.Equal([(2, 2)], await RowsAsync(path, "&step=10s")); // larger steps are merged from windows, with their percentiles
        }

        await influx.KillAsync();
        Assert.Equal([(2, 2)], await RowsAsync("/api/v1/devices/influx-4/series/pm25?from="));

        async Task<(int Count, double Mean)[]> RowsAsync(string path, string step = "") =>
            [.. (await silo.GetAsync(path + Uri.EscapeDataString(from) + step)).GetProperty("rows").EnumerateArray().Select(r => (r.GetProperty("count").GetInt32(), r.GetProperty("mean").GetDouble()))];
    }

    [Fact]
    public async Task Rows_of_15_minutes_hours_and_days_of_the_API_are_read_from_InfluxDB_where_it_has_them()
    {
        using var influx = new InfluxServer();
        await influx.InitializeAsync();
        await using var silo = await SiloProcess.StartAsync(["--Influx:Url=" + influx.Url, "--Influx:Retention:QuarterHours=3000.00:00:00", .. s_window]);
        var now = Api.NowMs;
        await Peer.PublishAsync(Peer.Mosquitto, "127.0.0.1", silo.MqttPort, "5", "city/trung/dn/air/influx-5",
            [.. Enumerable.Range(1, 3).Select(days => (1, JsonSerializer.Serialize(new { ts = now - (days * 86_400_000L), pm25 = days })))]);
        // They come from the host: built, sent, and in the place that the option names.
        foreach (var (from, rows) in ((string, int)[])[("quarter_hours.reading_15m", 3), ("reading_1h", 3), ("reading_1d", 3), ("quarter_hours.area_15m", 9)]) await CountAsync(influx, from, rows);

        // A row that the store does not have, of the day before those.
        using var http = new HttpClient { BaseAddress = new(influx.Url) };
        foreach (var (step, lengthMs, policy) in ((string, long, string)[])[("15m", 900_000, "&rp=quarter_hours"), ("1h", 3_600_000, ""), ("1d", 86_400_000, "")])
        {
            const string Fields = "pm25_count=7i,pm25_min=1,pm25_max=9,pm25_mean=5,pm25_stddev=2,pm25_first=1,pm25_last=9,pm25_p50=5,pm25_p95=9,pm25_p99=9";
            var start = now - (4 * 86_400_000L);
            start -= (start + (7 * 3_600_000)) % lengthMs;
            using var line = new StringContent($"reading_{step},device=influx-5,kind=air,region=trung,unit=dn {Fields} {start}\n");
            Assert.True((await http.PostAsync($"/write?db=city&precision=ms{policy}", line)).IsSuccessStatusCode);
            var path = $"/api/v1/devices/influx-5/series/pm25?from={Uri.EscapeDataString(DateTimeOffset.FromUnixTimeMilliseconds(now - (6 * 86_400_000L)).ToString("O"))}&step={step}";
            var rows = (await silo.WaitForAsync(path, s => s.GetProperty("rows").GetArrayLength() == 4, "the row of InfluxDB and three of both")).GetProperty("rows").EnumerateArray().ToList();
            Assert.Equal([(7, 5.0), (1, 3.0), (1, 2.0), (1, 1.0)], rows.Select(r => (r.GetProperty("count").GetInt32(), r.GetProperty("mean").GetDouble())));
            Assert.Equal(start, rows[0].GetProperty("start").GetDateTimeOffset().ToUnixTimeMilliseconds());
        }
    }

    private static async Task CountAsync(InfluxServer influx, string from, int rows)
    {
        using var http = new HttpClient { BaseAddress = new(influx.Url) };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var answer = string.Empty;
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(30); await timer.WaitForNextTickAsync())
        {
            answer = await http.GetStringAsync("/query?db=city&q=" + Uri.EscapeDataString("SELECT count(pm25_count) FROM " + from));
            if (JsonElement.Parse(answer).GetProperty("results")[0].TryGetProperty("series", out var series) && series[0].GetProperty("values")[0][1].GetInt32() == rows) return;
        }

        throw new TimeoutException($"InfluxDB does not have {rows} rows in {from} after 30 s: {answer}");
    }

    [Fact]
    public async Task Without_InfluxDB_the_host_starts_says_so_once_keeps_accepting_and_delivers_later()
    {
        using var influx = new InfluxServer(); // not started yet
        await using var silo = await SiloProcess.StartAsync(["--Influx:Url=" + influx.Url, "--Influx:Database=city", .. s_window]);
        await PublishWindowAsync(silo, "influx-2", 5);
        var line = await silo.Child.WaitForLineAsync(l => l.Contains("InfluxDB", StringComparison.Ordinal) && l.Contains("warn", StringComparison.Ordinal), "the warning");
        Assert.Contains(influx.Url, line, StringComparison.Ordinal);
        Assert.Contains("windows wait in the outbox and are sent when it is back", line, StringComparison.Ordinal);
        await PublishWindowAsync(silo, "influx-3", 6, 7);
        Assert.Equal("ready", (await silo.GetAsync("/healthz/ready")).Text("status"));
        Assert.Single(silo.Child.Output, l => l.Contains("InfluxDB", StringComparison.Ordinal));
        Assert.DoesNotContain(silo.Child.Output, l => l.TrimStart().StartsWith("at ", StringComparison.Ordinal));

        // The windows wait on disk: neither a kill nor a clean stop loses them.
        await silo.KillAsync();
        await silo.StartAgainAsync();
        Assert.Equal(0, await silo.StopAsync());
        await silo.StartAgainAsync();

        await influx.InitializeAsync();
        Assert.Equal(1, Field(await QueryAsync(influx, "SELECT * FROM reading_1m WHERE device='influx-2'"), "pm25_count"));
        Assert.Equal(2, Field(await QueryAsync(influx, "SELECT * FROM reading_1m WHERE device='influx-3'"), "pm25_count"));
    }

    /// <summary>Publishes readings of one window that has ended, and waits until it is stored; its start.</summary>
    private static async Task<long> PublishWindowAsync(SiloProcess silo, string device, params double[] values)
    {
        var start = (Api.NowMs / 2000 * 2000) - 60_000;
        await Peer.PublishAsync(Peer.Mosquitto, "127.0.0.1", silo.MqttPort, "5", "city/trung/dn/air/" + device,
            [.. values.Select((v, i) => (1, JsonSerializer.Serialize(new { ts = start + (i * 100), pm25 = v })))]);
        await silo.WaitForAsync("/api/v1/ledger?device=" + device, l => l.Number("stored") == values.Length, "the window in the store");
        return start;
    }

    private static string? Tag(Dictionary<string, JsonElement> row, string name) => row[name].GetString();

    private static double Field(Dictionary<string, JsonElement> row, string name) => row[name].GetDouble();

    /// <summary>The one row of a query, as soon as InfluxDB has it.</summary>
    private static async Task<Dictionary<string, JsonElement>> QueryAsync(InfluxServer influx, string query)
    {
        using var http = new HttpClient { BaseAddress = new(influx.Url) };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var answer = string.Empty;
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(30); await timer.WaitForNextTickAsync())
        {
            answer = await http.GetStringAsync("/query?db=city&epoch=ms&q=" + Uri.EscapeDataString(query));
            if (!JsonElement.Parse(answer).GetProperty("results")[0].TryGetProperty("series", out var series)) continue;
            var columns = series[0].GetProperty("columns");
            var values = series[0].GetProperty("values");
            Assert.Equal(1, values.GetArrayLength());
            return Enumerable.Range(0, columns.GetArrayLength()).ToDictionary(i => columns[i].GetString()!, i => values[0][i]);
        }

        throw new TimeoutException($"InfluxDB has no row for {query} after 30 s: {answer}");
    }
}
