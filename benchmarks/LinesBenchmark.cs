using System.Buffers;
using System.Diagnostics;
using SmartCity.Contracts;
using SmartCity.Storage;

namespace SmartCity.Benchmarks;

/// <summary>Windows as line protocol, on one core: fields per second, and what is allocated.</summary>
internal static class LinesBenchmark
{
    private const int Rounds = 5;
    private static readonly string[] s_metrics = ["pm25", "pm10", "no2", "temp", "rh"];

    public static int Run()
    {
        var stream = new StreamName("nam", "sg", "air");
        var random = new Random(1);
        var windows = Enumerable.Range(0, 10_000).Select(_ =>
        {
            var aggregate = new WindowAggregate();
            for (var i = 0; i < 12; i++) aggregate.Add(1_764_000_000_000 + (i * 5000), Math.Round(20 + (random.NextDouble() * 10), 1));
            return aggregate;
        }).ToArray();
        var writer = new ArrayBufferWriter<byte>(64 << 20);
        var rates = new List<double>();
        long bytes = 0;
        for (var round = -1; round < Rounds; round++)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            long fields = 0;
            for (var pass = 0; pass < 10; pass++)
            {
                writer.ResetWrittenCount();
                for (var i = 0; i < windows.Length; i++)
                {
                    if (i % s_metrics.Length == 0) LineProtocol.WriteDeviceHead(writer, "device-000001", stream);
                    fields += LineProtocol.WriteFields(writer, s_metrics[i % s_metrics.Length], windows[i], i % s_metrics.Length == 0);
                }
            }

            if (round < 0) continue; // warms up
            rates.Add(fields / Stopwatch.GetElapsedTime(started).TotalSeconds);
            bytes = Math.Max(bytes, GC.GetAllocatedBytesForCurrentThread() - allocated);
        }

        rates.Sort();
        Console.WriteLine($"line protocol: {rates[Rounds / 2]:n0} fields/s on one core ({rates[0]:n0} to {rates[^1]:n0}), {rates[Rounds / 2] / 11:n0} windows/s; {bytes} bytes allocated in a round of {windows.Length * 110:n0} fields");
        return 0;
    }
}
