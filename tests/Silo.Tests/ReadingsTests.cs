using System.Globalization;
using System.Net;
using System.Text.Json;
using SmartCity.Storage.Tests;

namespace SmartCity.Silo.Tests;

/// <summary>Raw readings of the whole program: each acknowledged one exactly once, whatever happens in between.</summary>
public sealed class ReadingsTests
{
    private const int Kills = 8;

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Influx")]
    [InlineData("Both")]
    public async Task Every_acknowledged_reading_is_kept_once_as_it_was_measured_however_often_the_host_is_killed(string raw)
    {
        var random = new Random(raw.Length);
        var start = ((Api.NowMs / 10_000) - 60) * 10_000;
        // Windows of ten seconds with some thirty readings of each device, several of them at the same instant, and late ones among them.
        const int Count = 2400, Devices = 2;
        var expected = new SortedDictionary<(string Device, long Ms, long Seq), double>();
        var messages = new List<(string Topic, string Payload)>();
        for (var i = 0; i < Count; i++)
        {
            var (device, ms, value) = ($"raw-{i % Devices}", start + (i * 100) + (random.Next(10) == 0 ? -random.Next(200_000) : random.Next(3) * 100), random.Next(100_000) / 100.0);
            expected.Add((device, ms, i), value);
            messages.Add(($"city/nam/bd/air/{device}", string.Create(CultureInfo.InvariantCulture, $$"""{"ts":{{ms}},"seq":{{i}},"pm25":{{value}}}""")));
        }

        using var influx = new InfluxServer();
        await influx.InitializeAsync();
        await using var silo = await SiloProcess.StartAsync(
            "--Window:Seconds=10", "--Window:GraceSeconds=0", "--Window:SpreadSeconds=0", "--Raw:Store=" + raw, "--Raw:MaxBlockReadings=16", "--Influx:MinRetryDelay=00:00:00.05",
            "--Influx:MaxRetryDelay=00:00:01", "--Influx:Url=" + influx.Url, "--Influx:MaxOutboxBytes=20000");
        var publisher = new ResendingPublisher(silo.MqttPort, messages);
        for (var kill = 0; kill < Kills; kill++)
        {
            var at = Math.Max(publisher.Acknowledged + 1, (Count * kill / (Kills + 2)) + random.Next(Count / (Kills + 2)));
            Assert.False(await publisher.RunAsync($"raw-{kill}", at, silo.KillAsync));
            if (kill % 3 == 1) await influx.KillAsync();
            await silo.StartAgainAsync();
            if (kill % 3 == 2) await influx.EnsureRunningAsync();
        }

        Assert.True(await publisher.RunAsync("raw-last"));
        await influx.EnsureRunningAsync();
        await silo.LedgerAsync(Count);
        await silo.WaitForAsync("/api/v1/ledger", l => l.Number("buffered") == 0 && l.Number("balance") == 0, "nothing buffered");
        for (var device = 0; device < Devices; device++)
        {
            var id = $"raw-{device}";
            var wanted = expected.Where(e => e.Key.Device == id).Select(e => (e.Key.Ms, (long?)e.Key.Seq, e.Value)).ToList();
            await silo.WaitForAsync(PathOf(id, 10_000), page => page.Items().Count >= wanted.Count, $"{wanted.Count} readings of {id}");
            Assert.Equal(wanted, await PagesAsync(silo, id));
        }

        string PathOf(string id, int limit) => $"/api/v1/devices/{id}/readings/pm25?from={Api.Time(start - 300_000)}&limit={limit}";

        async Task<List<(long Ms, long? Seq, double Value)>> PagesAsync(SiloProcess process, string id)
        {
            var rows = new List<(long, long?, double)>();
            for (var next = ""; next is not null;)
            {
                var page = await process.GetAsync(PathOf(id, 97) + (next.Length > 0 ? "&after=" + next : ""));
                rows.AddRange(page.Items().Select(r => (r.GetProperty("time").GetDateTimeOffset().ToUnixTimeMilliseconds(), r.GetProperty("seq").Deserialize<long?>(), r.Number("value"))));
                next = page.Text("next");
            }

            return rows;
        }
    }

    [Fact]
    public async Task Where_readings_are_not_kept_the_answer_says_which_option_keeps_them()
    {
        await using var silo = await SiloProcess.StartAsync();
        Assert.Equal(
            "Readings are kept as windows only. Set Raw:Store to Sqlite, Influx or Both, and those that come from then on are kept as they were measured.",
            await silo.ProblemAsync("/api/v1/devices/any/readings/pm25", HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_question_that_cannot_be_answered_says_what_to_ask_instead()
    {
        using var influx = new InfluxServer(); // never started
        await using var silo = await SiloProcess.StartAsync("--Raw:Store=Influx", "--Influx:Url=" + influx.Url, "--Influx:MinRetryDelay=00:00:00.05");
        await silo.PublishAsync("city/nam/bd/air/asked", (Api.NowMs, "pm25", 1));
        await silo.WaitForValueAsync("asked", "pm25", 1);
        const string Path = "/api/v1/devices/asked/readings/pm25";
        foreach (var (query, advice) in ((string, string)[])[("?limit=0", "'limit' must be 1 to 10000."), ("?after=soon", "pass what the page before gave as 'next'"), ("?from=2020-01-01T00:00:00Z", "ask for a shorter one"), ("?from=x", "RFC 3339")])
            Assert.Contains(advice, await silo.ProblemAsync(Path + query, HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("There is no device 'nobody'", await silo.ProblemAsync("/api/v1/devices/nobody/readings/pm25", HttpStatusCode.NotFound), StringComparison.Ordinal);
        Assert.Contains("does not answer", await silo.ProblemAsync(Path, HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Raw:Store=Influx", "Raw:Store is Influx, and there is no InfluxDB; set Influx:Url, such as http://127.0.0.1:8086, or write Raw:Store=Sqlite.")]
    [InlineData("--Raw:Store=Postgres", "Raw:Store is 'Postgres'; write one of None, Sqlite, Influx, Both.")]
    [InlineData("--Raw:KeepDays=-1", "Raw:KeepDays is -1; it must be 0 (for ever) or 1 to 36500 days.")]
    [InlineData("--Influx:Retention:Raw=30", "Influx:Retention:Raw is '30'; write days, hours, minutes and seconds, such as 30.00:00:00 for 30 days.")]
    [InlineData("--Raw:MaxBlockReadings=2", "Raw:MaxBlockReadings is 2; use 16 to 1000000.")]
    public async Task An_option_that_cannot_be_used_ends_the_start_with_what_to_write(string argument, string message)
    {
        var (code, _, errors) = await SiloProcess.RunToEndAsync(argument);
        Assert.NotEqual(0, code);
        Assert.Equal("SmartCity cannot start: " + message, errors[0]); // one line, no stack trace
    }
}
