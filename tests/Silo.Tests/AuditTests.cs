using System.IO.Compression;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SmartCity.Simulators;

namespace SmartCity.Silo.Tests;

/// <summary>A city with every fault at once against the real host: the audit explains every reading, and does not explain one that was lost, doubled or altered.</summary>
public sealed class AuditTests : IDisposable
{
    private const string Faults = "all=2,stale-credentials=0.01,reconnect-storm=0.004,oversized=0.01,clock-jump=0.01";
    private readonly string _folder = Directory.CreateTempSubdirectory("smartcity-audit-").FullName;

    private string Truth => Path.Combine(_folder, "truth");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_day_in_seconds_with_every_fault_at_once_is_explained_to_the_last_reading_and_tampering_is_not()
    {
        await using var silo = await SiloProcess.StartAsync("--Window:GraceSeconds=0", "--Window:SpreadSeconds=0");
        var rates = new FaultRates();
        rates.Parse(Faults);

        // The day has ended three minutes ago: windows that clocks two minutes ahead fill are over, and nothing needs to be waited for.
        var start = TimeProvider.System.GetUtcNow().AddDays(-1).AddMinutes(-4);
        var city = new CityRun(
            new() { Devices = 45, Rate = 250, Connections = 3, Regions = ["bac", "nam"], Scenarios = [ScenarioReader.Load("everything")] },
            new() { Speed = 8640, Length = TimeSpan.FromDays(1), Start = start, Faults = rates, Truth = Truth }, TimeProvider.System);
        var run = await city.RunAsync(new Uri($"mqtt://127.0.0.1:{silo.MqttPort}"), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));
        var causes = run!.Causes.Keys.Select(c => c.Split(':')[0]).ToHashSet();
        Assert.All(FaultRates.Names, fault => Assert.Contains(fault, causes));
        Assert.True(run.Resent > 0, "messages were sent again");

        var report = await AuditAsync(silo);
        Assert.True(report.Differences == 0, string.Join('\n', report.First));
        Assert.Equal(0, report.Unexplained);
        Assert.True(report.Readings > 5000 && report.DeviceRows > 5000 && report.AreaRows > 5000 && report.CoverageSquares > 20, $"{report}");
        Assert.True(report.Ledger["duplicate"] > 0 && report.Ledger["lateCorrected"] > 0);

        // The answers are there for others too.
        var alarms = ReadAnswers("alarms").Select(a => a.GetProperty("must").GetString()).ToHashSet();
        Assert.True(alarms.IsSupersetOf(["fire", "not"]), string.Join(", ", alarms));
        Assert.InRange(ReadAnswers("devices").Count(), 5000, report.DeviceRows); // rows in which every reading was lost have no answer


        // With one site of an operator in a city there is no other cell to be confused with.
        Assert.Equal(["cell-outage", "coverage-hole", "overshoot", "sleeping-cell", "swapped-sectors"], TruthFiles.ReadRun(Truth).Problems.Select(p => p.Kind).Distinct().Order());

        // The truth says otherwise than the platform: it altered, doubled or lost a reading.
        var (part, index) = FindKept();
        await WithTruthAsync(part, index, r => [r with { Kept = [(r.Kept[0].Metric, r.Kept[0].Value + 0.1), .. r.Kept.Skip(1)] }], silo, r => Assert.True(r.Unexplained >= 1));
        await WithTruthAsync(part, index, _ => [], silo, r => Assert.True(r.Unexplained >= 1));
        await WithTruthAsync(part, index, r => [r, r with { Number = 999_999, Sequence = 999_999 }], silo, r =>
        {
            Assert.True(r.Unexplained >= 1);
            Assert.Contains(r.First, d => d.Expected.StartsWith("count ", StringComparison.Ordinal) && d.Window is not null);
        });

        // A window is gone from the store.
        Assert.Equal(0, await silo.StopAsync());
        await using (var store = new SqliteConnection($"Data Source={Path.Combine(silo.DataFolder, "city.db")};Pooling=false"))
        {
            await store.OpenAsync();
            await using var command = store.CreateCommand();
            command.CommandText = "DELETE FROM device_window WHERE id = (SELECT id FROM device_window ORDER BY id LIMIT 1 OFFSET 1000)";
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
            command.CommandText = "DELETE FROM tile WHERE quadkey = (SELECT MIN(quadkey) FROM tile)";
            Assert.True(await command.ExecuteNonQueryAsync() >= 3, "samples of three quantities");
        }

        await silo.StartAgainAsync();
        var tampered = await AuditAsync(silo);
        Assert.True(tampered.Unexplained >= 1, "a window is missing");
        Assert.Contains(tampered.First, d => d.Found == "no row");
        Assert.Contains(tampered.First, d => d.Found == "no square");
    }

    [Fact]
    public async Task A_host_that_asks_for_passwords_refuses_old_ones_and_has_nothing_of_what_they_sent()
    {
        await using var silo = await SiloProcess.StartAsync("--Window:GraceSeconds=0", "--Window:SpreadSeconds=0", "--Access:Mode=Required");
        var added = await ChildProcess.RunAsync("dotnet", [.. SiloProcess.Command, "access", "add", "city", "--role", "service", "--data", silo.DataFolder]);
        await silo.Child.WaitForLineAsync(l => l.Contains("Users and rules are in force", StringComparison.Ordinal), "the user in the server");
        var rates = new FaultRates();
        rates.Parse("stale-credentials=0.02,duplicate=0.02,loss=0.02");
        var city = new CityRun(
            new() { Devices = 45, Rate = 250, Connections = 3, Regions = ["trung"] },
            new() { Speed = 8640, Length = TimeSpan.FromHours(6), Start = TimeProvider.System.GetUtcNow().AddHours(-7), Faults = rates, Truth = Truth }, TimeProvider.System);
        var run = await city.RunAsync(new Uri($"mqtt://city:{AccessTests.Fixture.PasswordIn(added)}@127.0.0.1:{silo.MqttPort}"), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(run!.Messages["Refused"] > 0 && run.Messages["Refused"] == run.Causes["stale-credentials"], $"{run.Messages["Refused"]} of {run.Causes["stale-credentials"]} refused");

        var report = await AuditAsync(silo);
        Assert.True(report.Differences == 0, string.Join('\n', report.First));
        Assert.True(report.Readings > 500, $"{report.Readings} readings");
    }

    [Fact]
    public async Task A_host_that_is_killed_while_the_city_sends_has_everything_that_it_acknowledged_once()
    {
        await using var silo = await SiloProcess.StartAsync("--Window:GraceSeconds=0", "--Window:SpreadSeconds=0");
        var rates = new FaultRates();
        rates.Parse("duplicate,reorder,delay");
        var city = new CityRun(
            new() { Devices = 60, Rate = 300, Connections = 3, Regions = ["nam"] },
            new() { Speed = 1440, Length = TimeSpan.FromHours(4), Start = TimeProvider.System.GetUtcNow().AddHours(-5), Faults = rates, Truth = Truth }, TimeProvider.System);
        var running = city.RunAsync(new Uri($"mqtt://127.0.0.1:{silo.MqttPort}"), CancellationToken.None);
        for (var kill = 1; kill <= 3; kill++)
        {
            await AcknowledgedAsync(city, kill * 600);
            await silo.KillAsync();
            await silo.StartAgainAsync();
        }

        var run = await running.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(run!.Resent > 0, "messages were sent again after a kill");
        var report = await AuditAsync(silo);
        Assert.True(report.Differences == 0, string.Join('\n', report.First));
        Assert.True(report.Readings > 5000, $"{report.Readings} readings");
    }

    private static async Task AcknowledgedAsync(CityRun city, int messages)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var attempt = 0; city.Progress.Acknowledged < messages; attempt++, await timer.WaitForNextTickAsync())
            Assert.True(attempt < 1500, $"{city.Progress.Acknowledged} of {messages} messages acknowledged");
    }

    private Task<AuditReport> AuditAsync(SiloProcess silo, int waitSeconds = 60) =>
        new Audit(new() { Truth = Truth, Url = silo.Http.BaseAddress!, Wait = TimeSpan.FromSeconds(waitSeconds) }, TimeProvider.System)
            .RunAsync(CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));

    private IEnumerable<JsonElement> ReadAnswers(string name)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(AnswerFiles.FolderOf(Truth), name + ".jsonl.gz")), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line) yield return JsonSerializer.Deserialize<JsonElement>(line);
    }

    /// <summary>A message that was sent once, as it was, and of which there is no copy.</summary>
    private (int Part, int Index) FindKept()
    {
        for (var part = 0; part < TruthFiles.Parts; part++)
        {
            var index = TruthFiles.Read(Truth, part).ToList().FindIndex(r => r.Outcome == TruthOutcome.Acknowledged && r.Faults.Count == 0 && r.Tries == 1 && r.Kept.Count > 0);
            if (index >= 0) return (part, index);
        }

        throw new InvalidOperationException("No message without a fault.");
    }

    private async Task WithTruthAsync(int part, int index, Func<TruthRecord, IEnumerable<TruthRecord>> change, SiloProcess silo, Action<AuditReport> check)
    {
        var file = TruthFiles.PartFile(Truth, part);
        var before = await File.ReadAllBytesAsync(file);
        var records = TruthFiles.Read(Truth, part).ToList();
        await using (var stream = new GZipStream(File.Create(file), CompressionLevel.Fastest))
        {
            foreach (var record in records.SelectMany((r, i) => i == index ? change(r) : [r]))
            {
                await using (var json = new Utf8JsonWriter(stream)) record.WriteTo(json);
                stream.WriteByte((byte)'\n');
            }
        }

        // The platform has had its time; what is missing now does not come.
        var report = await AuditAsync(silo, waitSeconds: 0);
        Assert.True(report.Differences > 0);
        check(report);
        await File.WriteAllBytesAsync(file, before);
    }
}
