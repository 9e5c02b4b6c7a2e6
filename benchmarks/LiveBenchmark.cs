using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using SmartCity.Silo;

namespace SmartCity.Benchmarks;

/// <summary>Live managed bytes per device: the host inside this process, so that a full collection can be asked for before each look.</summary>
internal static class LiveBenchmark
{
    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        options = options with { Devices = options.Devices == 10_000 ? 100_000 : options.Devices, Metrics = options.Metrics == 1 ? 3 : options.Metrics };
        var folder = Path.Combine(Path.GetTempPath(), "smartcity-bench-" + Guid.NewGuid().ToString("N"));
        var (mqtt, http) = (FreePort(), FreePort());
        await using (var app = SiloProgram.Build([$"--Mqtt:Port={mqtt}", $"--Http:Port={http}", $"--Data={folder}"]))
        {
            await app.StartAsync();
            new PublishDriver(mqtt, options with { Devices = 160 }).Run(200_000);
            await Task.Delay(TimeSpan.FromSeconds(3));
            var before = GC.GetTotalMemory(forceFullCollection: true);
            new PublishDriver(mqtt, options).Run(options.Devices);
            await Task.Delay(TimeSpan.FromSeconds(4));
            var open = GC.GetTotalMemory(forceFullCollection: true);
            Console.WriteLine($"base {before / 1048576.0:f1} MiB live; windows open: {(open - before) / options.Devices} live bytes per device with {options.Metrics} metrics");
            await Task.Delay(TimeSpan.FromSeconds(80));
            var stored = GC.GetTotalMemory(forceFullCollection: true);
            Console.WriteLine($"windows stored: {(stored - before) / options.Devices} live bytes per device; resident {Environment.WorkingSet >> 20} MiB");
            await app.StopAsync();
        }

        Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
