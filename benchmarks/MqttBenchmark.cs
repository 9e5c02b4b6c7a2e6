using System.Diagnostics;

namespace SmartCity.Benchmarks;

/// <summary>
/// The gateway beside Debian's mosquitto: same driver, same cores, in turn. The gateway keeps everything durable, decodes it and keeps windows;
/// mosquitto keeps nothing. Prints the median of the rounds and the ratio of the medians.
/// </summary>
internal static class MqttBenchmark
{
    private const int Rounds = 5;

    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        using var silo = await SiloProcess.StartAsync();
        using var mosquitto = new MosquittoProcess();
        new PublishDriver(silo.MqttPort, options).Run(Math.Max(500_000, options.Devices * 2)); // devices register, code gets compiled
        new PublishDriver(mosquitto.Port, options).Run(100_000);
        var (qos1, mosquittoQos1) = Compare("QoS 1, no subscriber", port => Rate(options.Messages, new PublishDriver(port, options).Run));
        Compare("QoS 0, no subscriber", port => Rate(options.Messages, new PublishDriver(port, options, qos: 0).Run));
        await Task.Delay(TimeSpan.FromSeconds(5)); // what QoS 0 left behind is worked off
        Compare("QoS 1 with a subscriber", port => WithSubscriber(port, options));

        Latency("half of the bar, which is 3 times mosquitto's rate", 1.5 * mosquittoQos1);
        Latency("half of the gateway's own rate", qos1 / 2);
        return 0;

        (double Ours, double Theirs) Compare(string name, Func<int, double> measure)
        {
            var (ours, theirs) = (new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                theirs.Add(measure(mosquitto.Port));
                ours.Add(measure(silo.MqttPort));
            }

            var (a, b) = (Median(ours), Median(theirs));
            Console.WriteLine($"{name,-24} gateway {a:n0} ({ours.Min():n0} to {ours.Max():n0}), mosquitto {b:n0} ({theirs.Min():n0} to {theirs.Max():n0}) messages/s, ratio {a / b:f2}");
            return (a, b);
        }

        void Latency(string name, double rate)
        {
            var driver = new PublishDriver(silo.MqttPort, options);
            driver.RunAtRate(rate, TimeSpan.FromSeconds(10));
            Console.WriteLine($"PUBACK at {name}, {rate:n0} messages/s for 10 s: p50 {driver.Percentile(0.5):f2}, p99 {driver.Percentile(0.99):f2}, max {driver.Percentile(1):f2} ms");
        }
    }

    private static double Rate(int messages, Func<int, TimeSpan> run) => messages / run(messages).TotalSeconds;

    /// <summary>Messages a second until the subscriber has the last one.</summary>
    private static double WithSubscriber(int port, BenchmarkOptions options)
    {
        var messages = options.Messages / 4 / options.Connections * options.Connections;
        var subscriber = new RawSubscriber(port, messages);
        var started = Stopwatch.GetTimestamp();
        new PublishDriver(port, options).Run(messages);
        if (!subscriber.All.Wait(TimeSpan.FromMinutes(1))) throw new InvalidOperationException($"The subscriber got {subscriber.Received} of {messages} messages.");
        var elapsed = Stopwatch.GetElapsedTime(started);
        subscriber.Close();
        return messages / elapsed.TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
