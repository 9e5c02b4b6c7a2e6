namespace SmartCity.Benchmarks;

/// <summary>Resident memory per device: the same host before and after many devices have sent a few readings.</summary>
internal static class MemoryBenchmark
{
    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        options = options with { Devices = options.Devices == 10_000 ? 100_000 : options.Devices, Metrics = options.Metrics == 1 ? 3 : options.Metrics };
        using var silo = await SiloProcess.StartAsync();
        // The base is the process with everything compiled, its pools, page caches and log buffers grown, and a tenth of the devices.
        var few = options with { Devices = options.Devices / 10 };
        new PublishDriver(silo.MqttPort, few).Run(300_000);
        await Task.Delay(TimeSpan.FromSeconds(85));
        var before = silo.ResidentBytes();
        Console.WriteLine($"base, {few.Devices} devices stored        {Describe(before)}   {await silo.DescribeMemoryAsync()}");
        new PublishDriver(silo.MqttPort, options).Run(options.Devices);
        var waited = 0;
        foreach (var seconds in (int[])[5, 25, 30, 30, 30])
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds));
            var now = silo.ResidentBytes();
            var more = options.Devices - few.Devices;
            Console.WriteLine($"{options.Devices} devices, {waited += seconds} s later: {Describe(now)}, {(now - before) / more} bytes per device with {options.Metrics} metrics   {await silo.DescribeMemoryAsync()}");
        }

        return 0;
    }

    private static string Describe(long bytes) => $"{bytes / 1048576.0:f1} MiB";
}
