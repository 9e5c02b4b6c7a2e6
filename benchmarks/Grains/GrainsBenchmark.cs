using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace SmartCity.Benchmarks;

/// <summary>The grain host by itself: calls, activations and memory. Callers and shards share the cores.</summary>
internal static class GrainsBenchmark
{
    private const int Grains = 10_000;
    private const int Rounds = 5;
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans();
        using var host = builder.Build();
        await host.StartAsync();
        var factory = host.Services.GetRequiredService<IGrainFactory>();
        var grains = Enumerable.Range(0, Grains).Select(i => factory.GetGrain<IBenchGrain>($"device-{i}")).ToArray();
        foreach (var grain in grains) await grain.Add(0);

        await Calls("client, ends synchronously", grains, static (grain, i) => grain.Add(i));
        await Calls("client, suspends", grains, static (grain, i) => grain.AddLater(i));
        await GrainToGrain(factory, grains);
        await Activations(factory, options.Devices == 10_000 ? 1_000_000 : options.Devices);
        await host.StopAsync();
        return 0;
    }

    private static async Task Calls(string name, IBenchGrain[] grains, Func<IBenchGrain, long, ValueTask<long>> call)
    {
        var rates = new List<(double Rate, double Bytes, double CpuNs)>();
        for (var round = -1; round < Rounds; round++)
        {
            var cpu = Environment.CpuUsage.TotalTime;
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var started = Stopwatch.GetTimestamp();
            var counts = await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(n => Task.Run(() => CallUntil(grains, n, call))));
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var bytes = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)counts.Sum();
            if (round >= 0) rates.Add((counts.Sum() / seconds, bytes, (Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / counts.Sum())); // the first round warms up
        }

        Report(name, "calls/s", rates);
    }

    private static async Task<long> CallUntil(IBenchGrain[] grains, int seed, Func<IBenchGrain, long, ValueTask<long>> call)
    {
        var window = new CallWindow(1024);
        var started = Stopwatch.GetTimestamp();
        var at = (uint)(seed * 7919);
        long count = 0;
        while (Stopwatch.GetElapsedTime(started) < s_round)
        {
            for (var i = 0; i < 1024; i++, count++)
            {
                at = (at * 1_664_525) + 1_013_904_223;
                await window.AddAsync(call(grains[(at >> 8) % (uint)grains.Length], i));
            }
        }

        await window.DrainAsync();
        return count;
    }

    private static async Task GrainToGrain(IGrainFactory factory, IBenchGrain[] grains)
    {
        const int Calls = 1_000_000;
        var drivers = Enumerable.Range(0, 8).Select(i => factory.GetGrain<IBenchGrain>($"driver-{i}")).ToArray();
        var rates = new List<(double Rate, double Bytes, double CpuNs)>();
        for (var round = -1; round < Rounds; round++)
        {
            var cpu = Environment.CpuUsage.TotalTime;
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(drivers.Select(d => d.Drive(grains, Calls).AsTask()));
            var calls = Calls * (double)drivers.Length;
            if (round >= 0) rates.Add((calls / Stopwatch.GetElapsedTime(started).TotalSeconds, (GC.GetTotalAllocatedBytes(precise: true) - allocated) / calls, (Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / calls));
        }

        Report("grain to grain", "calls/s", rates);
    }

    private static async Task Activations(IGrainFactory factory, int count)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var keys = Enumerable.Range(0, count).Select(i => $"new-{i}").ToArray();
        var withKeys = GC.GetTotalMemory(forceFullCollection: true);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(n => Task.Run(async () =>
        {
            var window = new CallWindow(1024);
            for (var i = n; i < keys.Length; i += Environment.ProcessorCount) await window.AddAsync(factory.GetGrain<IBenchGrain>(keys[i]).Add(1));
            await window.DrainAsync();
        })));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var after = GC.GetTotalMemory(forceFullCollection: true);
        Console.WriteLine($"{"activations",-28} {count / seconds:n0} grains/s ({count:n0} in {seconds:f2} s), {(after - withKeys) / count} bytes each and {(withKeys - before) / count} for its key");
        GC.KeepAlive(keys);
    }

    private static void Report(string name, string unit, List<(double Rate, double Bytes, double CpuNs)> rounds)
    {
        var rates = rounds.Select(r => r.Rate).Order().ToList();
        Console.WriteLine($"{name,-28} {rates[rates.Count / 2]:n0} {unit} ({rates[0]:n0} to {rates[^1]:n0}), {rounds.Min(r => r.Bytes):f3} bytes and {rounds.Min(r => r.CpuNs):f0} ns of processor time per call");
    }
}
