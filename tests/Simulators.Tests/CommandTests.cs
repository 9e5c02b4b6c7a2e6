using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace SmartCity.Simulators.Tests;

/// <summary>The commands as a user runs them: as a process, with its output, its exit code and Ctrl+C.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("city")]
    [InlineData("load")]
    [InlineData("audit")]
    [InlineData("sink")]
    [InlineData("record")]
    [InlineData("replay")]
    [InlineData("import")]
    [InlineData("network")]
    [InlineData("answers")]
    public async Task The_help_of_every_command_has_examples_that_begin_with_it(string command)
    {
        var (code, output, errors) = await Program.RunAsync(command, "--help");
        Assert.Equal((0, ""), (code, errors));
        var lines = output.Split('\n').Select(l => l.Trim()).ToList();
        Assert.StartsWith(command + " ", lines[lines.IndexOf("Examples:") + 1], StringComparison.Ordinal);
        Assert.Contains("--json", output, StringComparison.Ordinal);
        if (command is "city" or "network" or "load" or "record" or "replay") Assert.Contains("SMARTCITY_MQTT_PASSWORD", output, StringComparison.Ordinal);
        if (command == "audit") Assert.Contains("SMARTCITY_TOKEN", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_the_output_is_one_object_and_nothing_else()
    {
        await using var broker = await TestBroker.StartAsync();
        var url = TestBroker.Url(broker).ToString();
        var city = await JsonAsync("city", "--url", url, "--duration", "3", "--rate", "500");
        Assert.Equal(city.GetProperty("sent").GetInt64(), city.GetProperty("acknowledged").GetInt64());
        Assert.True(city.GetProperty("sent").GetInt64() > 50);
        Assert.False(city.TryGetProperty("neverSent", out _));
        var exact = await JsonAsync("city", "--url", url, "--duration", "60", "--speed", "100", "--fault", "loss=0.5");
        Assert.True(exact.GetProperty("neverSent").GetInt64() > 0);
        Assert.False(exact.TryGetProperty("leftOut", out _));
        Assert.Equal(500, (await JsonAsync("load", "--url", url, "--messages", "500")).GetProperty("acknowledged").GetInt64());
        var csv = Path.Combine(_folder.Path, "drive.csv");
        await File.WriteAllTextAsync(csv, "ts,lat,lon,ncgi,rsrp,remark\n1764000000000,21,105,452-04-0A1B2C3D4,-80,\n1764000001000,21,105,452-04-0A1B2C3D4,-,\n");
        var file = Path.Combine(_folder.Path, "drive.rec");
        var import = await JsonAsync("import", csv, file);
        Assert.Equal((2, 1, "remark", "'-'"), (
            import.GetProperty("rows").GetInt32(), import.GetProperty("taken").GetInt32(), import.GetProperty("unusedColumns")[0].GetString(), import.GetProperty("fieldsLeftOut")[0].GetProperty("why").GetString()));
        Assert.Equal(1, (await JsonAsync("replay", file, "--url", url, "--speed", "max")).GetProperty("acknowledged").GetInt64());
        Assert.Equal(0, (await JsonAsync("record", Path.Combine(_folder.Path, "nothing.rec"), "--url", url, "--duration", "0.2")).GetProperty("messages").GetInt64());
        Assert.False(File.Exists(Path.Combine(_folder.Path, "nothing.rec")));
    }

    [Fact]
    public async Task A_city_with_a_truth_and_QoS_0_does_not_count_what_nobody_acknowledges()
    {
        await using var broker = await TestBroker.StartAsync();
        var city = await JsonAsync("city", "--url", TestBroker.Url(broker).ToString(), "--qos", "0", "--duration", "60", "--speed", "100", "--truth", Path.Combine(_folder.Path, "truth"));
        Assert.True(city.GetProperty("sent").GetInt64() > 0);
        Assert.False(city.TryGetProperty("acknowledged", out _));
        Assert.False(city.TryGetProperty("unanswered", out _));
    }

    [Fact]
    public async Task A_replay_whose_messages_nobody_acknowledges_ends_with_2()
    {
        await using var sink = new LoadSink(new(System.Net.IPAddress.Loopback, 0));
        var file = Path.Combine(_folder.Path, "two.rec");
        using (var writer = new RecordingWriter(file))
        {
            for (var i = 0; i < 3; i++) writer.Add(new(1_764_000_000_000_000 + i, "city/bac/hn/air/a"u8.ToArray(), "{}"u8.ToArray(), (byte)(i == 0 ? 0 : 1), false));
        }

        var (code, output, errors) = await Program.RunAsync("replay", file, "--url", $"mqtt://{sink.EndPoint}", "--json");
        Assert.True(code == 2, $"{code} {output} {errors}");
        Assert.Equal((3, 2), (Program.Json(output).GetProperty("sent").GetInt64(), Program.Json(output).GetProperty("unanswered").GetInt64()));
        Assert.Equal(0, (await Program.RunAsync("replay", file, "--url", $"mqtt://{sink.EndPoint}", "--qos", "0")).Code);
    }

    [Fact]
    public async Task An_import_that_fails_in_the_middle_leaves_no_recording()
    {
        var (csv, file) = (Path.Combine(_folder.Path, "drive.csv"), Path.Combine(_folder.Path, "drive.rec"));
        await File.WriteAllTextAsync(csv, "ts,lat,lon,ncgi,rsrp\n1764000000000,21,105,452-04-0A1B2C3D4,-80\n1764000000000,\"21,105,452-04-0A1B2C3D4,-80\n");
        var (code, _, errors) = await Program.RunAsync("import", csv, file);
        Assert.Equal(1, code);
        Assert.Contains("Line 3 has a quote that does not end", errors, StringComparison.Ordinal);
        Assert.Equal([csv], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task A_site_plan_is_checked_in_JSON_too()
    {
        var plan = await JsonAsync("network", "--sites", "12", "--plan", Path.Combine(_folder.Path, "sites.csv"), "--scenario", "pci-confusion");
        Assert.Equal((12, 36), (plan.GetProperty("sites").GetInt32(), plan.GetProperty("cells").GetInt32()));
        var checks = plan.GetProperty("checks").EnumerateArray().ToList();
        Assert.True(checks.Count > 1);
        Assert.Equal(0, checks[0].GetProperty("collisions").GetArrayLength());
        Assert.Contains(checks[1..], c => c.GetProperty("confusions").GetArrayLength() + c.GetProperty("collisions").GetArrayLength() > 0);
        Assert.NotEqual(JsonValueKind.Undefined, checks[1].GetProperty("cause").ValueKind);
    }

    [Fact]
    public async Task Flags_of_an_import_win_over_its_mapping_file()
    {
        var (csv, yaml, file) = (Path.Combine(_folder.Path, "drive.csv"), Path.Combine(_folder.Path, "operator.yaml"), Path.Combine(_folder.Path, "drive.rec"));
        await File.WriteAllTextAsync(csv, "when;lat;lon;level;other;Cell\n24/11/2025 23:00:00;21;105;-80,5;-90,5;2712847316\n");
        await File.WriteAllTextAsync(yaml, "columns: {ts: when, rsrp: level, nci: Cell}\nzone: +00:00\ntime-format: dd/MM/yyyy HH:mm:ss\nplmn: 452-01\ntopic: city/nam/sg/mdt/a\n");
        var import = await JsonAsync("import", csv, file, "--mapping", yaml, "--map", "rsrp=other", "--zone", "+07:00", "--plmn", "452-04", "--topic", "city/bac/hn/mdt/b");
        Assert.Equal("level", import.GetProperty("unusedColumns")[0].GetString());
        using var reader = new RecordingReader(file);
        var message = reader.Read()!.Value;
        Assert.Equal("city/bac/hn/mdt/b", System.Text.Encoding.UTF8.GetString(message.Topic.Span));
        Assert.Equal("""{"ts":1764000000000,"seq":2,"lat":21,"lon":105,"ncgi":"452-04-0A1B2C3D4","rsrp":-90.5}""", System.Text.Encoding.UTF8.GetString(message.Payload.Span));
    }

    [Fact]
    public async Task Ctrl_C_ends_a_city_with_its_summary()
    {
        await using var broker = await TestBroker.StartAsync();
        using var city = Program.Start("city", "--url", TestBroker.Url(broker).ToString(), "--rate", "500");
        await city.WaitForLineAsync(l => l.Contains("acknowledged,", StringComparison.Ordinal), "a line of progress");
        var (code, output, _) = await Program.InterruptAsync(city);
        Assert.Equal(0, code);
        Assert.Matches("^[0-9,]+ sent, [0-9,]+ acknowledged, 0 refused, .* stopped early.$", output);
    }

    [Theory]
    [InlineData("--rate 2000 --speed 144 --fault all")]
    [InlineData("--rate 300")]
    public async Task Ctrl_C_ends_a_city_with_a_truth_that_is_whole(string options)
    {
        await using var broker = await TestBroker.StartAsync();
        var folder = Path.Combine(_folder.Path, "truth");
        using var city = Program.Start(["city", "--url", TestBroker.Url(broker).ToString(), "--truth", folder, "--json", .. options.Split(' ')]);
        await city.WaitForLineAsync(l => l.Contains(" acknowledged, ", StringComparison.Ordinal), "a line of progress");
        var (code, output, _) = await Program.InterruptAsync(city);
        Assert.Equal(0, code);
        var summary = Program.Json(output);
        Assert.True(summary.GetProperty("stopped").GetBoolean());
        var run = TruthFiles.ReadRun(folder);
        var outcomes = Enumerable.Range(0, TruthFiles.Parts).SelectMany(part => TruthFiles.Read(folder, part)).CountBy(r => r.Outcome).ToDictionary();
        Assert.Equal(summary.GetProperty("acknowledged").GetInt64(), outcomes[TruthOutcome.Acknowledged]);
        Assert.Equal(run.Messages.Values.Sum(), outcomes.Values.Sum());
        Assert.Equal(outcomes.Values.Sum(), summary.GetProperty("sent").GetInt64() + summary.GetProperty("neverSent").GetInt64());
    }

    [Fact]
    public async Task Ctrl_C_ends_a_load_run_with_what_was_measured()
    {
        await using var broker = await TestBroker.StartAsync();
        using var load = Program.Start("load", "--url", TestBroker.Url(broker).ToString(), "--duration", "600", "--rate", "500", "--json");
        await load.WaitForLineAsync(l => l.Contains("acknowledged", StringComparison.Ordinal), "a line of progress");
        var (code, output, _) = await Program.InterruptAsync(load);
        var result = Program.Json(output);
        Assert.Equal((0, true), (code, result.GetProperty("stopped").GetBoolean()));
        Assert.True(result.GetProperty("acknowledged").GetInt64() > 0);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_recording_and_what_was_delivered_is_in_it_and_ends_a_replay_with_the_counts()
    {
        await using var broker = await TestBroker.StartAsync();
        var url = TestBroker.Url(broker).ToString();
        var file = Path.Combine(_folder.Path, "traffic.rec");
        using (var record = Program.Start("record", file, "--url", url))
        using (var stop = new CancellationTokenSource())
        {
            var city = new CitySimulation(new() { Rate = 300 }, TimeProvider.System).RunAsync(new Uri(url), stop.Token);
            await record.WaitForLineAsync(l => l.Contains("recorded", StringComparison.Ordinal) && !l.Contains(" 0 recorded", StringComparison.Ordinal), "recorded messages");
            var (code, output, _) = await Program.InterruptAsync(record);
            await stop.CancelAsync();
            await city;
            Assert.Equal(0, code);
            Assert.Equal(RecordingReader.Span(file)!.Value.Messages, long.Parse(output.Split(' ')[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
        }

        using var replay = Program.Start("replay", file, "--url", url, "--speed", "0.01");
        await replay.WaitForLineAsync(l => l.Contains(" sent, ", StringComparison.Ordinal), "a line of progress");
        var (left, counts, _) = await Program.InterruptAsync(replay);
        Assert.Equal(2, left);
        Assert.Matches("^[0-9,]+ of [0-9,]+ messages sent, [0-9,]+ acknowledged, 0 refused", counts);
    }

    [Fact]
    public async Task Ctrl_C_ends_an_import_and_the_recording_has_the_rows_until_then()
    {
        // An import that was done before the signal came shows nothing: then once more, with a longer log.
        for (var rows = 2_000_000; ; rows *= 2)
        {
            var csv = Path.Combine(_folder.Path, "long.csv");
            await using (var text = new StreamWriter(csv))
            {
                await text.WriteLineAsync("ts,lat,lon,ncgi,rsrp");
                for (var i = 0; i < rows; i++) await text.WriteLineAsync($"{1764000000000 + i},21,105,452-04-0A1B2C3D4,-80");
            }

            var file = Path.Combine(_folder.Path, $"long-{rows}.rec");
            using var import = Program.Start("import", csv, file, "--json");
            await Eventually.True(() => File.Exists(file) || new FileInfo(file + ".part") is { Exists: true, Length: > 0 }, "the first rows in the recording");
            var (code, output, _) = await Program.InterruptAsync(import);
            var summary = Program.Json(output);
            Assert.Equal(0, code);
            Assert.Equal(RecordingReader.Span(file)!.Value.Messages, summary.GetProperty("taken").GetInt64());
            Assert.False(File.Exists(file + ".part"));
            if (summary.GetProperty("taken").GetInt64() == rows && rows < 16_000_000) continue;
            Assert.True(summary.GetProperty("stopped").GetBoolean());
            Assert.InRange(summary.GetProperty("taken").GetInt64(), 1, rows - 1);
            break;
        }
    }

    [Fact]
    public async Task Ctrl_C_ends_an_audit_with_what_it_knows_and_a_sink_with_its_count()
    {
        var folder = Path.Combine(_folder.Path, "truth");
        await using (var broker = await TestBroker.StartAsync())
            Assert.Equal(0, (await Program.RunAsync("city", "--url", TestBroker.Url(broker).ToString(), "--duration", "100", "--speed", "100", "--truth", folder)).Code);
        await using var platform = await EmptyPlatformAsync();
        using (var audit = Program.Start("audit", "--truth", folder, "--url", platform.Urls.First()))
        {
            await audit.WaitForLineAsync(l => l.Contains("waits for the platform: 0 of", StringComparison.Ordinal), "a line of progress");
            var (code, output, _) = await Program.InterruptAsync(audit);
            Assert.Equal(130, code);
            Assert.StartsWith("Stopped early, with 0", output, StringComparison.Ordinal);
        }

        using var sink = Program.Start("sink", "--port", $"{Ports.Next()}");
        var listening = await sink.WaitForLineAsync(l => l.StartsWith("Reading on ", StringComparison.Ordinal), "the sink to listen");
        Assert.Equal(0, (await Program.RunAsync("load", "--qos", "0", "--messages", "1000", "--connections", "4", "--url", "mqtt://" + listening.Split(' ')[2].TrimEnd('.'))).Code);
        Assert.Equal((0, "1,000 messages read from 4 connections."), ((await Program.InterruptAsync(sink)) is var (ended, said, _) ? (ended, said) : default));
    }

    private static async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var (code, output, errors) = await Program.RunAsync([.. arguments, "--json"]);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {code} {output} {errors}");
        return Program.Json(output);
    }

    /// <summary>A platform that has stored nothing, and is still busy.</summary>
    private static async Task<WebApplication> EmptyPlatformAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync(context.Request.Path == "/api/v1/info" ? """{"windowSeconds":10}""" : """{"accepted":0,"buffered":1,"rejected":{}}"""));
        await app.StartAsync();
        return app;
    }
}
