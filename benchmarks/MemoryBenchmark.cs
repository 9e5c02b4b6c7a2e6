namespace SmartCity.Benchmarks;

/// <summary>Resident memory per device: the same host before and after many devices have sent a few readings.</summary>
internal static class MemoryBenchmark
{
    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        options = options with { Devices = options.Devices == 10_000 ? 100_000 : options.Devices, Metrics = options.Metrics == 1 ? 3 : options.Metrics };
        using var silo = await SiloProcess.StartAsync();
        // The base is the process with everything compiled and its buffers grown, but few devices.
        await new PublishDriver(silo.MqttPort, options with { Devices = 160 }).RunAsync(200_000);
        await Task.Delay(TimeSpan.FromSeconds(5));
        var before = silo.ResidentBytes();
        await new PublishDriver(silo.MqttPort, options).RunAsync(options.Devices);
        await Task.Delay(TimeSpan.FromSeconds(5));
        var open = silo.ResidentBytes();
        Console.WriteLine($"base                       {before / 1048576.0:f1} MiB");
        Console.WriteLine($"{options.Devices} devices, windows open {open / 1048576.0:f1} MiB: {(open - before) / options.Devices} bytes per device with {options.Metrics} metrics");
        Console.WriteLine($"                           {await silo.DescribeMemoryAsync()}");
        await Task.Delay(TimeSpan.FromSeconds(80));
        var stored = silo.ResidentBytes();
        Console.WriteLine($"windows stored             {stored / 1048576.0:f1} MiB: {(stored - before) / options.Devices} bytes per device");
        Console.WriteLine($"                           {await silo.DescribeMemoryAsync()}");
        return 0;
    }
}
