namespace SmartCity.Benchmarks;

/// <summary>PUBACK latency of durable QoS 1 at fixed rates, open loop.</summary>
internal static class LatencyBenchmark
{
    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        using var silo = await SiloProcess.StartAsync();
        new PublishDriver(silo.MqttPort, options).Run(Math.Max(500_000, options.Devices * 2));
        foreach (var rate in (double[])[2_000, 5_000, 20_000, 70_000, 140_000])
        {
            var cpu = silo.CpuTime;
            var driver = new PublishDriver(silo.MqttPort, options);
            driver.RunAtRate(rate, TimeSpan.FromSeconds(8));
            Console.WriteLine($"PUBACK at {rate:n0} messages/s: p50 {driver.Percentile(0.5):f2}, p90 {driver.Percentile(0.9):f2}, p99 {driver.Percentile(0.99):f2}, max {driver.Percentile(1):f2} ms; host CPU {(silo.CpuTime - cpu).TotalSeconds / 8:f2} cores, {(silo.CpuTime - cpu).TotalMicroseconds / driver.Latencies.Count:f1} µs per message");
        }

        return 0;
    }
}
