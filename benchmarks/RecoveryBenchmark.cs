using System.Diagnostics;

namespace SmartCity.Benchmarks;

/// <summary>How fast a host that was killed is back: until it accepts messages, and until everything in the log is in grains again.</summary>
internal static class RecoveryBenchmark
{
    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        // Windows stay open, so nothing is stored and everything is replayed.
        using var silo = await SiloProcess.StartAsync("--Window:Seconds=3600", "--Window:GraceSeconds=3600");
        var empty = await silo.KillAndStartAsync();
        Console.WriteLine($"an empty log    accepts messages {empty.TotalSeconds:f2} s after the start of the process");
        var driver = new PublishDriver(silo.MqttPort, options);
        driver.Run(options.Messages);
        var readings = (long)(options.Messages / options.Connections * options.Connections) * options.Metrics;
        var bytes = silo.FolderBytes("intake");
        for (var round = 0; round < 3; round++)
        {
            var ready = await silo.KillAndStartAsync();
            var started = Stopwatch.GetTimestamp();
            while (await silo.MetricAsync("smartcity_gateway_readings_total") < readings) await Task.Delay(20);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds + (ready - empty).TotalSeconds; // replay begins before the host says that it is ready
            Console.WriteLine($"{readings:n0} readings  accepts messages {ready.TotalSeconds:f2} s after the start of the process; all readings of {bytes >> 20} MiB are in grains {seconds:f2} s later than an empty start: {readings / seconds:n0} readings/s");
        }

        return 0;
    }
}
