using System.Diagnostics;
using System.Text.Json;
using SmartCity.Storage.Tests;

namespace SmartCity.Benchmarks;

/// <summary>
/// InfluxDB is killed under a steady load and stays away: what the host's memory and outbox do meanwhile, and how long catching up takes. Ends only when InfluxDB has
/// every line and counts what the ledger says is stored.
/// </summary>
internal static class OutageBenchmark
{
    private const int MessagesPerSecond = 5_000;
    private static readonly TimeSpan s_before = TimeSpan.FromMinutes(5); // windows, series and code settle
    private static readonly TimeSpan s_sample = TimeSpan.FromMinutes(1);

    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        using var influx = new InfluxServer();
        await influx.InitializeAsync();
        using var silo = await SiloProcess.StartAsync("--Influx:Url=" + influx.Url);
        var outage = TimeSpan.FromMinutes(options.Minutes);
        var driver = new PublishDriver(silo.MqttPort, options);
        Console.WriteLine($"{options.Devices:n0} devices, {MessagesPerSecond:n0} messages/s of {options.Metrics} readings, QoS 1; InfluxDB killed after {s_before.TotalMinutes:f0} minutes, for {outage.TotalMinutes:f0}");
        Console.WriteLine("minute, resident MiB, live heap MiB, outbox MiB, outbox chunks, processor % of a core");
        // The driver goes on until catching up was seen: a backlog must not starve what is new.
        var load = Task.Run(() => driver.RunAtRate(MessagesPerSecond, s_before + outage + s_before));
        var started = Stopwatch.GetTimestamp();
        await SampleAsync(silo, started, s_before);
        await influx.KillAsync();
        var first = silo.ResidentBytes();
        var (smallest, largest) = await SampleAsync(silo, started, s_before + outage);
        await influx.StartAsync();
        var back = Stopwatch.GetTimestamp();
        while (await silo.MetricAsync("smartcity_storage_outbox_chunks") > 64) await Task.Delay(500); // Influx:MaxLiveChunks: what is more is backlog
        Console.WriteLine($"InfluxDB back: the backlog is gone after {Stopwatch.GetElapsedTime(back).TotalSeconds:f1} s");
        await load;
        var ledger = await InfluxBenchmark.DrainAsync(silo);
        var stored = ledger.GetProperty("stored").GetInt64() + ledger.GetProperty("lateCorrected").GetInt64();
        var counted = await CountAsync(influx);
        Console.WriteLine($"resident when InfluxDB went: {first / 1048576} MiB; meanwhile {smallest / 1048576} to {largest / 1048576} MiB");
        Console.WriteLine($"acknowledged {driver.Latencies.Count:n0} messages, PUBACK p50 {driver.Percentile(0.5):f2}, p99 {driver.Percentile(0.99):f2}, longest {driver.Percentile(1):f0} ms");
        Console.WriteLine($"stored {stored:n0} readings, InfluxDB counts {counted:n0}; ledger {ledger}");
        return counted == stored && stored == (long)driver.Latencies.Count * options.Metrics && ledger.GetProperty("balance").GetInt64() == 0 ? 0 : 1;
    }

    /// <summary>Readings in all windows that InfluxDB holds.</summary>
    private static async Task<long> CountAsync(InfluxServer influx)
    {
        using var http = new HttpClient { BaseAddress = new(influx.Url), Timeout = TimeSpan.FromMinutes(5) };
        var answer = JsonElement.Parse(await http.GetStringAsync("/query?db=city&q=" + Uri.EscapeDataString("SELECT sum(/_count$/) FROM reading_1m")));
        return (long)answer.GetProperty("results")[0].GetProperty("series")[0].GetProperty("values")[0].EnumerateArray().Skip(1).Sum(v => v.GetDouble()); // the first is the time
    }

    private static async Task<(long Smallest, long Largest)> SampleAsync(SiloProcess silo, long started, TimeSpan until)
    {
        var (smallest, largest) = (long.MaxValue, 0L);
        for (var elapsed = Stopwatch.GetElapsedTime(started); elapsed < until; elapsed = Stopwatch.GetElapsedTime(started))
        {
            var cpu = silo.CpuTime;
            await Task.Delay(until - elapsed < s_sample ? until - elapsed : s_sample);
            var used = (silo.CpuTime - cpu) / (Stopwatch.GetElapsedTime(started) - elapsed);
            var resident = silo.ResidentBytes();
            (smallest, largest) = (Math.Min(smallest, resident), Math.Max(largest, resident));
            Console.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalMinutes:f0}, {resident / 1048576}, {await silo.MetricAsync("dotnet_gc_last_collection_heap_size_bytes") / 1048576:f0}, {await silo.MetricAsync("smartcity_storage_outbox_size_bytes") / 1048576:f1}, {await silo.MetricAsync("smartcity_storage_outbox_chunks"):f0}, {used * 100:f0}");
        }

        return (smallest, largest);
    }
}
