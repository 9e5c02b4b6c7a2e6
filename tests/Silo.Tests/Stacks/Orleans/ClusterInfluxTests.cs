using System.Text.Json;
using SmartCity.Storage.Tests;

namespace SmartCity.Silo.Tests;

/// <summary>A real InfluxDB behind a cluster whose processes die.</summary>
public sealed class ClusterInfluxTests(PostgresServer server, ITestOutputHelper output) : IClassFixture<PostgresServer>
{
    private const string Sender = "This process sends what the cluster has";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task InfluxDB_has_every_window_as_the_store_has_it_though_the_process_that_sends_is_killed_and_InfluxDB_too()
    {
        using var influx = new InfluxServer();
        await influx.InitializeAsync();
        string[] options = ["--Influx:Url=" + influx.Url, "--Influx:Database=city", "--Influx:RequestTimeout=00:00:03", "--Influx:MaxRetryDelay=00:00:01"];
        await using var rig = await ClusterRig.CreateAsync(server);
        var first = await rig.StartAsync("Silo", options);
        // It may say so before it is ready, and then the line is taken already.
        if (!Sends(first)) await first.Child.WaitForLineAsync(line => line.Contains(Sender, StringComparison.Ordinal), "the first process as the sender");
        var second = await rig.StartAsync("Silo", options);
        var gateway = await rig.StartAsync("Gateway", options);
        var load = rig.Publish(gateway);
        await load.MoreAsync(2 * ClusterRig.Some);
        await first.KillAsync();
        await load.MoreAsync(ClusterRig.Some);
        await influx.KillAsync();
        await load.MoreAsync(ClusterRig.Some);
        await influx.StartAsync();
        await load.MoreAsync(ClusterRig.Some);
        output.WriteLine($"{await rig.AssertExactlyOnceAsync()} messages");
        Assert.Single((SiloProcess[])[second, gateway], Sends);
        await UntilEqualAsync(influx, "SELECT sum(pm25_count) FROM reading_1m GROUP BY device", "device", rig.Devices);
        await UntilEqualAsync(influx, "SELECT sum(pm25_count) FROM area_1m GROUP BY area", "area", rig.Areas);
    }

    private static bool Sends(SiloProcess process) => process.Child.Output.Any(line => line.Contains(Sender, StringComparison.Ordinal));

    private static async Task UntilEqualAsync(InfluxServer influx, string query, string tag, IReadOnlyDictionary<string, (long Count, double Sum)> expected)
    {
        using var http = new HttpClient { BaseAddress = new(influx.Url) };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var counts = new Dictionary<string, long>();
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < s_patience; await timer.WaitForNextTickAsync())
        {
            var answer = JsonElement.Parse(await http.GetStringAsync("/query?db=city&q=" + Uri.EscapeDataString(query)));
            if (!answer.GetProperty("results")[0].TryGetProperty("series", out var series)) continue;
            counts = series.EnumerateArray().ToDictionary(s => s.GetProperty("tags").Text(tag)!, s => s.GetProperty("values")[0][1].GetInt64());
            if (counts.Count == expected.Count && expected.All(e => counts.GetValueOrDefault(e.Key) == e.Value.Count)) return;
        }

        throw new TimeoutException($"Not within {s_patience.TotalSeconds} s: the counts of every {tag}. Wrong: "
            + string.Join(", ", expected.Where(e => counts.GetValueOrDefault(e.Key) != e.Value.Count).Select(e => $"{e.Key} {counts.GetValueOrDefault(e.Key)} instead of {e.Value.Count}")));
    }
}
