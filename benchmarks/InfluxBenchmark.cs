using System.Text.Json;
using SmartCity.Storage.Tests;

namespace SmartCity.Benchmarks;

/// <summary>
/// Processor time per stored point, that of the whole host beside InfluxDB's own, in one run. Every device sends one message per window, so that each point costs as
/// many messages as it ever does.
/// </summary>
internal static class InfluxBenchmark
{
    private const int WindowSeconds = 10;
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        using var influx = new InfluxServer();
        await influx.InitializeAsync();
        using var silo = await SiloProcess.StartAsync($"--Window:Seconds={WindowSeconds}", "--Window:SpreadSeconds=4", "--Influx:Url=" + influx.Url);
        var driver = new PublishDriver(silo.MqttPort, options);
        var rate = (double)options.Devices / WindowSeconds;
        driver.RunAtRate(rate, TimeSpan.FromSeconds(2 * WindowSeconds)); // devices register, series are made, code gets compiled
        await DrainAsync(silo);
        var (host, other, before) = (silo.CpuTime, influx.CpuTime, await PointsAsync(silo));
        driver.RunAtRate(rate, s_duration);
        var ledger = await DrainAsync(silo);
        host = silo.CpuTime - host;
        other = influx.CpuTime - other;
        var points = await PointsAsync(silo) - before;
        if (points == 0 || ledger.GetProperty("balance").GetInt64() != 0)
        {
            Console.Error.WriteLine($"InfluxDB got {points} points; ledger {ledger}");
            return 1;
        }

        Console.WriteLine($"{options.Devices:n0} devices, {options.Metrics} metrics per message, one message per window of {WindowSeconds} s, {s_duration.TotalSeconds:f0} s: {points:n0} points");
        Console.WriteLine($"InfluxDB  {other.TotalMicroseconds / points:f2} µs per point");
        Console.WriteLine($"the host  {host.TotalMicroseconds / points:f2} µs per point (MQTT, log, grains, store, areas, delivery): {host / other:f2} times InfluxDB's");
        return 0;
    }

    private static async Task<long> PointsAsync(SiloProcess silo) => (long)await silo.MetricAsync("smartcity_storage_influx_lines_total");

    /// <summary>Until every window is stored and nothing is left to deliver.</summary>
    public static async Task<JsonElement> DrainAsync(SiloProcess silo)
    {
        while ((await silo.LedgerAsync()).GetProperty("buffered").GetInt64() > 0 || await silo.MetricAsync("smartcity_storage_outbox_chunks") > 0) await Task.Delay(500);
        await silo.QuietAsync();
        return await silo.LedgerAsync();
    }
}
