using System.Globalization;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>
/// Whatever an InfluxDB does, at the end every line that it can take is there in its newest version, and every other one is a dead letter with the server's
/// reason. Each fault alone, and long random sequences of them, for each write API.
/// </summary>
public sealed class InfluxFaultTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMilliseconds(600);

    /// <summary>Everything that a server, a proxy or a network has been seen to do.</summary>
    private static readonly Dictionary<string, Func<FakeInflux, FakeRequest, Task<FakeAnswer?>>> s_faults = new()
    {
        ["503 with Retry-After"] = (_, _) => Said(FakeAnswer.Text(503, "unavailable", "Retry-After: 1\r\n")),
        ["429"] = (_, _) => Said(FakeAnswer.Json(429, """{"code":"too many requests"}""")),
        ["500"] = (_, _) => Said(FakeAnswer.Json(500, """{"error":"engine: error"}""")),
        ["500 after it has taken the lines"] = (influx, request) =>
        {
            influx.Answer(request);
            return Said(FakeAnswer.Json(500, """{"error":"timeout"}"""));
        },
        ["401"] = (_, _) => Said(FakeAnswer.Json(401, """{"error":"authorization failed"}""")),
        ["a redirect"] = (_, _) => Said(FakeAnswer.Empty(307, "Location: http://127.0.0.1:9/\r\n")),
        ["a proxy's page"] = (_, _) => Said(FakeAnswer.Html(400, "<h1>Bad request</h1>")),
        ["a portal's page"] = (_, _) => Said(FakeAnswer.Html(200, "<h1>Welcome</h1>")),
        ["no HTTP"] = (_, _) => Said(FakeAnswer.Raw("220 mail.example ESMTP\r\n250 hello\r\n")),
        ["a truncated head"] = (_, _) => Said(FakeAnswer.Raw("HTTP/1.1 20")),
        ["a truncated body"] = (_, _) => Said(FakeAnswer.Raw("HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"error\":\"part")),
        ["a huge body"] = (_, _) => Said(FakeAnswer.Text(503, new string('x', 8 << 20)) with { Closes = true }),
        ["huge headers"] = (_, _) => Said(FakeAnswer.Raw("HTTP/1.1 204 No Content\r\nX: " + new string('x', 1 << 20) + "\r\n\r\n")),
        ["silence"] = (_, _) => Said(FakeAnswer.Nothing),
        ["an answer after the time-out"] = async (influx, request) =>
        {
            var answer = influx.Answer(request);
            using var timer = new PeriodicTimer(s_timeout * 2);
            await timer.WaitForNextTickAsync();
            return answer;
        },
    };

    public static TheoryData<InfluxApiVersion, string> Faults()
    {
        var rows = new TheoryData<InfluxApiVersion, string>();
        foreach (var version in (InfluxApiVersion[])[InfluxApiVersion.V1, InfluxApiVersion.V2, InfluxApiVersion.V3])
        {
            foreach (var fault in s_faults.Keys) rows.Add(version, fault);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_costs_no_line(InfluxApiVersion version, string fault)
    {
        await using var influx = new FakeInflux(version) { Databases = [] };
        var left = 3;
        influx.Intervene = request => request.IsWrite && --left >= 0 ? s_faults[fault](influx, request) : Task.FromResult<FakeAnswer?>(null);
        await using var rig = await OutboxRig.StartAsync(Options(influx));
        await rig.CommitAsync(["d0", "d1", "bad0", "d2"]);
        await rig.CommitAsync(["d0", "d1"]);
        await rig.UntilEmptyAsync();
        Assert.Equal(5, influx.Stored.Count);
        var reject = Assert.Single(await rig.Outbox.ReadRejectsAsync(default));
        Assert.Contains("device=bad0,", reject.Sample, StringComparison.Ordinal);
        Assert.Contains("invalid column type", reject.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(InfluxApiVersion.V1, 1)]
    [InlineData(InfluxApiVersion.V1, 7)]
    [InlineData(InfluxApiVersion.V2, 2)]
    [InlineData(InfluxApiVersion.V2, 50)]
    [InlineData(InfluxApiVersion.V3, 1)]
    [InlineData(InfluxApiVersion.V3, 999)]
    public async Task Bodies_are_split_until_they_fit_and_their_refused_lines_found(InfluxApiVersion version, int maxLines)
    {
        await using var influx = new FakeInflux(version) { MaxLines = maxLines };
        await using var rig = await OutboxRig.StartAsync(Options(influx), pump: false);
        await rig.CommitAsync([.. Enumerable.Range(0, 1_000).Select(i => i % 97 == 5 ? $"bad{i}" : $"d{i}")]);
        await rig.PumpAsync();
        await rig.UntilEmptyAsync();
        Assert.Equal(989, influx.Stored.Count);
        Assert.Equal(
            Enumerable.Range(0, 1_000).Where(i => i % 97 == 5).Select(i => $"bad{i}").Order(),
            (await rig.Outbox.ReadRejectsAsync(default)).Select(r => r.Sample.Split("device=")[1].Split(',')[0]).Order());
    }

    [Theory]
    [InlineData(InfluxApiVersion.V1, 1)]
    [InlineData(InfluxApiVersion.V1, 2)]
    [InlineData(InfluxApiVersion.V2, 3)]
    [InlineData(InfluxApiVersion.V2, 4)]
    [InlineData(InfluxApiVersion.V3, 5)]
    [InlineData(InfluxApiVersion.V3, 6)]
    public async Task Any_sequence_of_faults_ends_with_every_good_line_in_its_newest_version_and_every_bad_one_refused(InfluxApiVersion version, int seed)
    {
        var random = new Random(seed);
        await using var influx = new FakeInflux(version) { Databases = [], MaxNamed = 2 };
        var faults = s_faults.Values.ToList();
        var lively = true;
        influx.Intervene = async request =>
        {
            int draw;
            lock (random) draw = lively ? random.Next(3 * faults.Count) : int.MaxValue;
            influx.MaxLines = draw % 4 == 0 ? 3 : int.MaxValue;
            return draw < faults.Count ? await faults[draw](influx, request) : null;
        };
        var options = Options(influx);
        (options.MaxLiveChunks, options.MaxConcurrency) = (4, 3);
        await using var rig = await OutboxRig.StartAsync(options);
        var newest = new Dictionary<(string Device, int Minute), int>();
        for (var step = 0; step < 60; step++)
        {
            int draw;
            lock (random) draw = random.Next();
            if (draw % 20 == 0)
            {
                await rig.StopAsync();
                await influx.QuietAsync();
                await rig.OpenAsync();
                await rig.PumpAsync();
            }

            var windows = new List<DeviceWindow>();
            for (var i = 0; i < 5; i++)
            {
                var key = ((draw >> i) % 7 == 0 ? $"bad{i}" : $"d{i}", Math.Max(0, (step / 3) - ((draw >> (4 + i)) % 5)));
                newest[key] = newest.GetValueOrDefault(key) + 1;
                windows.Add(Sample.Window(key.Item1, startMs: Sample.T0 + (key.Item2 * 60_000L), values: [7, newest[key]], revision: newest[key]));
            }

            await rig.Store.WriteAsync(windows, [], default);
        }

        lock (random) lively = false;
        await rig.UntilEmptyAsync();
        Assert.Empty(influx.Overwritten);
        Assert.Equal(
            newest.Where(n => n.Key.Device[0] == 'd').Select(n => $"{n.Key.Device} {n.Key.Minute} {n.Value}").Order(),
            influx.Stored.Values.Select(Describe).Order());
        var rejects = await rig.Outbox.ReadRejectsAsync(default);
        Assert.Equal(
            newest.Where(n => n.Key.Device[0] == 'b').SelectMany(n => Enumerable.Range(1, n.Value).Select(r => $"{n.Key.Device} {n.Key.Minute} {r}")).Order(),
            rejects.Select(r => Describe(r.Sample)).Order());
        Assert.All(rejects, r => Assert.Contains("invalid column type", r.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_gone_and_comes_back_at_the_same_address_has_everything()
    {
        // Also with a real influxd: InfluxOutageTests.
        var influx = new FakeInflux(InfluxApiVersion.V3);
        var options = Options(influx);
        await using var rig = await OutboxRig.StartAsync(options);
        await rig.CommitAsync();
        await rig.UntilEmptyAsync();
        var port = new Uri(influx.Url).Port;
        await influx.DisposeAsync();
        for (var i = 0; i < 5; i++) await rig.CommitAsync();
        await rig.UntilAsync(() => rig.Status.Retries >= 3, "three refused connections");
        await using var back = new FakeInflux(InfluxApiVersion.V3, port: port);
        await rig.UntilEmptyAsync();
        Assert.Equal(5, back.Stored.Count);
    }

    private static string Describe(string line) => string.Create(
        CultureInfo.InvariantCulture,
        $"{line.Split("device=")[1].Split(',')[0]} {(LineText.Start(System.Text.Encoding.UTF8.GetBytes(line)) - Sample.T0) / 60_000} {FakeInflux.Revision(line)}");

    private static InfluxOptions Options(FakeInflux influx)
    {
        var options = InfluxV3WriteTests.Options(influx);
        options.RequestTimeout = s_timeout;
        return options;
    }

    private static Task<FakeAnswer?> Said(FakeAnswer answer) => Task.FromResult<FakeAnswer?>(answer);
}
