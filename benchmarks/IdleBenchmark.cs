using System.Net;
using System.Net.Sockets;

namespace SmartCity.Benchmarks;

/// <summary>What an idle connection costs: resident memory of the host before and after, and the rate of publishers beside them.</summary>
internal static class IdleBenchmark
{
    /// <summary>An address has some 28,000 ports to connect from, and the gateway lets it have 5000 connections.</summary>
    private const int PerAddress = 2500;

    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        var count = options.Connections == 16 ? 50_000 : options.Connections;
        var publishing = options with { Connections = 16 };
        using var silo = await SiloProcess.StartAsync();
        new PublishDriver(silo.MqttPort, publishing).Run(1_000_000);
        await Task.Delay(TimeSpan.FromSeconds(20));
        var alone = Rates(silo, publishing);
        await Task.Delay(TimeSpan.FromSeconds(20));
        var before = silo.ResidentBytes();
        var sockets = new List<Socket>(count);
        for (var i = 0; i < count; i++) sockets.Add(RawSocket.Connect(silo.MqttPort, $"idle-{i:d6}", IPAddress.Parse($"127.0.1.{1 + (i / PerAddress)}")));
        foreach (var seconds in (int[])[2, 18, 20])
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds));
            var now = silo.ResidentBytes();
            Console.WriteLine($"{count} idle connections: {(now - before) / 1024.0 / count:f2} KiB resident each ({before >> 20} -> {now >> 20} MiB)   {await silo.DescribeMemoryAsync()}");
        }

        var beside = Rates(silo, publishing);
        Console.WriteLine($"QoS 1 without them {alone:n0} messages/s, beside them {beside:n0} messages/s: {beside / alone:p1}");
        foreach (var socket in sockets) socket.Dispose();
        return 0;
    }

    private static double Rates(SiloProcess silo, BenchmarkOptions options)
    {
        var rates = Enumerable.Range(0, 5).Select(_ => options.Messages / new PublishDriver(silo.MqttPort, options).Run(options.Messages).TotalSeconds).Order().ToList();
        return rates[2];
    }
}
