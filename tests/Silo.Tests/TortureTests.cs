using System.Globalization;
using System.Text.Json;
using SmartCity.Storage.Tests;
using Xunit.Sdk;

namespace SmartCity.Silo.Tests;

/// <summary>
/// The whole program under load with publishers that send again what was not acknowledged, and InfluxDB behind it. It is ended again and again, in every way, at
/// random moments; each time every acknowledged reading is in exactly one window, and the ledger balances. <c>SMARTCITY_KILLS</c> says how often (default 14).
/// </summary>
public sealed class TortureTests(ITestOutputHelper output)
{
    private static readonly int s_kills = int.TryParse(Environment.GetEnvironmentVariable("SMARTCITY_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 14;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Nothing_is_lost_or_counted_twice_however_often_and_however_the_host_ends(int seed)
    {
        var count = Math.Clamp(s_kills * 150, 6000, 60_000) / KeptStream.Devices * KeptStream.Devices;
        var random = new Random(seed);
        var stream = new KeptStream(count);
        using var influx = new InfluxServer();
        await influx.InitializeAsync();
        await using var silo = await SiloProcess.StartAsync(
            [.. KeptStream.Options, "--Influx:Url=" + influx.Url, "--Influx:MinRetryDelay=00:00:00.05", "--Influx:MaxRetryDelay=00:00:01", "--Intake:SegmentBytes=262144"]);
        var publisher = new ResendingPublisher(silo.MqttPort, stream.Messages(count));
        var ends = new Dictionary<string, int>();
        var checks = TimeProvider.System.GetTimestamp();
        for (var kill = 0; kill < s_kills; kill++)
        {
            var (name, end) = End(silo, random.Next(12));
            ends[name] = ends.GetValueOrDefault(name) + 1;
            // The last end leaves three parts of the stream, so that some of it is still to come.
            var at = Math.Max(publisher.Acknowledged + 1, (int)((long)count * kill / (s_kills + 3)) + random.Next(count / (s_kills + 3)));
            Assert.False(await publisher.RunAsync($"stream-{kill}", at, end), "The host was ended too late to be in mid-stream.");
            if (random.Next(6) == 0) await influx.KillAsync();
            await silo.StartAgainAsync();
            await stream.AssertExactlyOnceAsync(silo, count, publisher.IsAcknowledged, mayHold: true);
            if (random.Next(3) == 0) await influx.EnsureRunningAsync();
        }

        await influx.EnsureRunningAsync();
        Assert.True(await publisher.RunAsync("stream-last"));
        await stream.AssertExactlyOnceAsync(silo, count, publisher.IsAcknowledged, mayHold: false);
        await KeptStream.AssertBalancedAsync(silo, count);
        await AssertEverywhereAsync(silo, influx, stream, count);
        var ledger = await silo.GetAsync("/api/v1/ledger");
        output.WriteLine($"seed {seed}: {s_kills} ends ({string.Join(", ", ends.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Value} {e.Key}"))}) in {TimeProvider.System.GetElapsedTime(checks).TotalSeconds:f0} s; "
            + $"{count} readings acknowledged, 0 lost, 0 doubled, {ledger.Number("duplicate")} sent again and recognised, balance {ledger.Number("balance")}");
    }

    private static (string Name, Func<Task> Run) End(SiloProcess silo, int die) => die switch
    {
        0 => ("SIGTERM", async () => Assert.Equal(0, await silo.StopAsync())),
        1 => ("kill -9 with a torn end of the log", async () =>
        {
            await silo.KillAsync();
            TearLog(silo.DataFolder);
        }
        ),
        _ => ("kill -9", silo.KillAsync),
    };

    /// <summary>Writes half a frame and rubbish behind the last sound one, as a disk may that loses its power.</summary>
    private static void TearLog(string dataFolder)
    {
        var path = Directory.GetFiles(Path.Combine(dataFolder, "intake"), "*.log").Order(StringComparer.Ordinal).Last();
        var bytes = File.ReadAllBytes(path);
        var at = 0;
        while (at + 24 <= bytes.Length && BitConverter.ToUInt32(bytes, at) == 0x314C4353 && BitConverter.ToInt32(bytes, at + 4) is > 0 and var body && at + 24 + body <= bytes.Length) at += 24 + body;
        var torn = new byte[Math.Min(5000, bytes.Length - at)];
        new Random(at).NextBytes(torn);
        if (torn.Length > 24) bytes.AsSpan(0, 24).CopyTo(torn); // begins like a frame
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.Position = at;
        file.Write(torn);
    }

    /// <summary>Areas, hours, days and InfluxDB count the same readings as the windows.</summary>
    private static async Task AssertEverywhereAsync(SiloProcess silo, InfluxServer influx, KeptStream stream, int count)
    {
        foreach (var area in (string[])["bd", "nam", "vn"])
        {
            foreach (var step in (string[])["15s", "15m", "1d"])
            {
                await silo.WaitForAsync(
                    $"/api/v1/areas/{area}/series/air/pm25?from={stream.From}&step={step}",
                    series => series.GetProperty("rows").EnumerateArray().Sum(r => r.GetProperty("count").GetInt64()) == count,
                    $"{count} readings in {area} by {step}");
            }
        }

        using var http = new HttpClient { BaseAddress = new(influx.Url) };
        var answer = string.Empty;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60); await timer.WaitForNextTickAsync())
        {
            answer = await http.GetStringAsync("/query?db=city&q=" + Uri.EscapeDataString("SELECT sum(pm25_count), count(pm25_count) FROM reading_1m"));
            if (!JsonElement.Parse(answer).GetProperty("results")[0].TryGetProperty("series", out var series)) continue;
            var row = series[0].GetProperty("values")[0];
            if (row[1].GetDouble() == count && row[2].GetInt64() == count) return;
        }

        throw new XunitException($"InfluxDB does not have each of the {count} windows once with one reading: {answer}");
    }
}
