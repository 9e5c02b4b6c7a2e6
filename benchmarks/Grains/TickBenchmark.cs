using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using SmartCity.Contracts;
using SmartCity.Grains;

namespace SmartCity.Benchmarks;

/// <summary>Windows of very many device grains that end together: what closing them costs, and what a reading that comes meanwhile waits. No store.</summary>
internal static class TickBenchmark
{
    private const long StartMs = 1_764_000_000_000;
    private static readonly string[] s_metrics = ["pm25", "temp", "rh", "no2", "o3"];

    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        var devices = options.Devices == 10_000 ? 1_000_000 : options.Devices;
        var clock = new LateClock(StartMs);
        var store = new NoStore();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans();
        builder.Services.AddLogging().AddMetrics()
            .AddSingleton<TimeProvider>(clock)
            .AddSingleton<ITelemetryStore>(store)
            .AddSingleton<ILiveFeed>(new Unwatched())
            .AddSingleton<IDeviceRegistry>(new Unstored())
            .AddSmartCityGrains(new WindowOptions { SpreadSeconds = 0 });
        foreach (var service in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationFactory?.Method.ReturnType == typeof(WindowCloser)).ToList()) builder.Services.Remove(service);
        using var host = builder.Build();
        await host.StartAsync();
        var factory = host.Services.GetRequiredService<IGrainFactory>();
        var closer = host.Services.GetRequiredService<WindowCloser>();
        var stream = new StreamName("nam", "sg", "air");
        var grains = new IDeviceGrain[devices];
        var message = Message(stream, options.Metrics, 1, clock.Ms);
        var activation = Stopwatch.StartNew();
        for (var i = 0; i < devices; i++)
        {
            grains[i] = factory.GetGrain<IDeviceGrain>($"device-{i:d7}");
            var call = grains[i].Ingest(message); // the readings are the same for all; the grain copies what it keeps
            if (i % 1024 == 1023) await call;
        }

        await grains[^1].GetSnapshot();
        Console.WriteLine($"{devices:n0} grains with {options.Metrics} metrics: activated and fed in {activation.Elapsed.TotalSeconds:f2} s ({devices / activation.Elapsed.TotalSeconds:n0} grains/s)");
        Console.WriteLine($"managed memory {GC.GetTotalMemory(forceFullCollection: true) >> 20} MiB after a full collection, {GC.GetTotalMemory(true) / devices} bytes per device");

        for (var round = 0; round < 3; round++)
        {
            using var stop = new CancellationTokenSource();
            var probe = Task.Factory.StartNew(() => Probe(factory, stream, options.Metrics, clock, stop.Token), TaskCreationOptions.LongRunning).Unwrap();
            await Task.Delay(1000);
            var quiet = Environment.CpuUsage.TotalTime;
            await Task.Delay(1000);
            quiet = Environment.CpuUsage.TotalTime - quiet;
            var (cpu, pause, windows) = (Environment.CpuUsage.TotalTime, GC.GetTotalPauseDuration(), store.Windows);
            var started = Stopwatch.StartNew();
            clock.Add(120_000);
            if (!await closer.TickAsync(default)) throw new InvalidOperationException("The tick failed.");
            var seconds = started.Elapsed.TotalSeconds;
            cpu = Environment.CpuUsage.TotalTime - cpu - (quiet * seconds);
            await stop.CancelAsync();
            var waits = await probe;
            Console.WriteLine($"tick: {store.Windows - windows:n0} windows in {seconds:f2} s, {cpu.TotalSeconds:f2} s of processor time; collector paused {(GC.GetTotalPauseDuration() - pause).TotalMilliseconds:f0} ms in all; "
                + $"a reading beside it waits p50 {waits[waits.Count / 2]:f2} ms, p99 {waits[(int)(waits.Count * 0.99)]:f2} ms, longest {waits[^1]:f1} ms");
            // The next round: every device sends again.
            message = Message(stream, options.Metrics, round + 2, clock.Ms);
            for (var i = 0; i < devices; i++)
            {
                var call = grains[i].Ingest(message);
                if (i % 1024 == 1023) await call;
            }
        }

        await host.StopAsync();
        return 0;
    }

    // Another device, a thousand readings a second.
    private static async Task<List<double>> Probe(IGrainFactory factory, StreamName stream, int metrics, LateClock clock, CancellationToken stop)
    {
        var grains = Enumerable.Range(0, 64).Select(i => factory.GetGrain<IDeviceGrain>($"probe-{i}")).ToArray();
        var waits = new List<double>();
        for (var n = 1; !stop.IsCancellationRequested; n++)
        {
            var started = Stopwatch.GetTimestamp();
            await grains[n % grains.Length].Ingest(Message(stream, metrics, 1000 + n, clock.Ms));
            waits.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            Thread.Sleep(1);
        }

        waits.Sort();
        return waits;
    }

    private static DeviceMessage Message(StreamName stream, int metrics, long position, long ms) => new()
    {
        Stream = stream,
        Position = position,
        ArrivalMs = ms,
        EventMs = ms,
        Readings = [.. s_metrics.Take(metrics).Select((m, i) => new Reading(m, 20 + i))],
        Count = metrics,
    };

    private sealed class LateClock(long startMs) : TimeProvider
    {
        private long _ms = startMs;

        public long Ms => Volatile.Read(ref _ms);

        public void Add(long ms) => Interlocked.Add(ref _ms, ms);

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Ms);
    }

    private sealed class Unwatched : ILiveFeed
    {
        public bool IsWatched(string deviceId) => false;

        public void Publish(string deviceId, DeviceMessage message)
        {
        }
    }

    private sealed class Unstored : IDeviceRegistry
    {
        public bool IsStored(string deviceId) => false;

        public void MarkStored(string deviceId)
        {
        }
    }
}
