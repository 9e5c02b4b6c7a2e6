namespace SmartCity.Benchmarks;

/// <summary>What a reading costs with few devices and with many: the same number of messages into windows that stay open, so that no storing is in it.</summary>
internal static class ScaleBenchmark
{
    private const int Rounds = 3;

    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        int[] counts = [10_000, options.Devices == 10_000 ? 1_000_000 : options.Devices];
        var costs = new List<double>[] { [], [] };
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < counts.Length; i++) costs[i].Add(await CostAsync(options with { Devices = counts[i] }));
        }

        var medians = costs.Select(c => c.Order().ElementAt(Rounds / 2)).ToArray();
        for (var i = 0; i < counts.Length; i++)
            Console.WriteLine($"{counts[i],9:n0} devices: {medians[i]:f2} µs of the host's processor time per message of {options.Metrics} readings ({costs[i].Min():f2} to {costs[i].Max():f2})");
        Console.WriteLine($"ratio {medians[1] / medians[0]:f2}");
        return 0;
    }

    private static async Task<double> CostAsync(BenchmarkOptions options)
    {
        using var silo = await SiloProcess.StartAsync("--Window:Seconds=3600", "--Window:GraceSeconds=3600");
        var driver = new PublishDriver(silo.MqttPort, options);
        driver.Run(Math.Max(options.Devices * 2, 1_000_000)); // devices register, code gets compiled
        await silo.QuietAsync();
        var before = silo.CpuTime;
        driver.Run(options.Messages);
        await silo.QuietAsync(); // what the messages left to do is theirs
        return (silo.CpuTime - before).TotalMicroseconds / (options.Messages / options.Connections * options.Connections);
    }
}
