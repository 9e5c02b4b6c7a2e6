using System.Diagnostics;

namespace SmartCity.Benchmarks;

/// <summary>Readings per second from a socket to stored windows.</summary>
internal static class PathBenchmark
{
    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        using var silo = await SiloProcess.StartAsync("--Window:Seconds=10", "--Window:SpreadSeconds=4");
        var driver = new PublishDriver(silo.MqttPort, options);
        driver.Run(options.Devices * 2); // devices register, code gets compiled
        driver.Latencies.Clear();
        var allocatedBefore = await silo.MetricAsync("dotnet_gc_heap_total_allocated_bytes_total");
        var cpuBefore = silo.CpuTime;
        var driverCpuBefore = Process.GetCurrentProcess().TotalProcessorTime;
        var elapsed = driver.Run(options.Messages);
        var cpu = silo.CpuTime - cpuBefore;
        var driverCpu = Process.GetCurrentProcess().TotalProcessorTime - driverCpuBefore;
        var messages = options.Messages / options.Connections * options.Connections;
        var readings = (double)messages * options.Metrics;
        Console.WriteLine($"acknowledged   {messages} messages in {elapsed.TotalSeconds:f2} s: {messages / elapsed.TotalSeconds:n0} messages/s, {readings / elapsed.TotalSeconds:n0} readings/s");
        Console.WriteLine($"PUBACK latency p50 {driver.Percentile(0.5):f2} ms, p99 {driver.Percentile(0.99):f2} ms (closed loop, full load)");
        Console.WriteLine($"CPU            host {cpu.TotalSeconds:f2} s ({cpu.TotalMicroseconds / messages:f2} µs per message), driver {driverCpu.TotalSeconds:f2} s");

        var waited = Stopwatch.StartNew();
        while (true)
        {
            var ledger = await silo.LedgerAsync();
            var buffered = ledger.GetProperty("buffered").GetInt64();
            if (buffered == 0 || waited.Elapsed > TimeSpan.FromMinutes(2))
            {
                var allocated = await silo.MetricAsync("dotnet_gc_heap_total_allocated_bytes_total") - allocatedBefore;
                Console.WriteLine($"allocated      {allocated / messages:f0} bytes per message, storing of windows included");
                Console.WriteLine($"stored         {waited.Elapsed.TotalSeconds:f1} s after the last PUBACK; resident {silo.ResidentBytes() >> 20} MiB");
                Console.WriteLine($"ledger         {ledger}");
                return ledger.GetProperty("balance").GetInt64() == 0 && buffered == 0 ? 0 : 1;
            }

            await Task.Delay(500);
        }
    }
}
