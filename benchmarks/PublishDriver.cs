using System.Diagnostics;

namespace SmartCity.Benchmarks;

/// <summary>Publishers on raw sockets, each with a thread of its own, as many as <see cref="BenchmarkOptions.Connections"/>.</summary>
internal sealed class PublishDriver(int port, BenchmarkOptions options, int qos = 1)
{
    /// <summary>Milliseconds.</summary>
    public List<double> Latencies { get; } = [];

    /// <summary>Publishes messages over all connections, devices in turn, until all are acknowledged (QoS 1) or read (QoS 0).</summary>
    public TimeSpan Run(int messages) => RunAll(p =>
    {
        if (qos == 0) p.RunWithoutAcknowledgement(messages / options.Connections);
        else p.RunClosedLoop(messages / options.Connections);
    });

    /// <summary>Publishes at a fixed rate over all connections together.</summary>
    public void RunAtRate(double perSecond, TimeSpan duration) => RunAll(p => p.RunAtRate(perSecond / options.Connections, duration));

    public double Percentile(double q)
    {
        Latencies.Sort();
        return Latencies[(int)(q * (Latencies.Count - 1))];
    }

    private TimeSpan RunAll(Action<RawPublisher> run)
    {
        var publishers = Enumerable.Range(0, options.Connections).Select(i => new RawPublisher(port, i, options, qos)).ToList();
        Exception? failure = null;
        var threads = publishers.Select(p => new Thread(() =>
        {
            try
            {
                run(p);
            }
            catch (Exception e)
            {
                failure = e;
            }
        })).ToList();
        var started = Stopwatch.GetTimestamp();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        var elapsed = Stopwatch.GetElapsedTime(started);
        foreach (var publisher in publishers)
        {
            Latencies.AddRange(publisher.Latencies);
            publisher.Close();
        }

        return failure is null ? elapsed : throw new InvalidOperationException("A publisher failed: " + failure.Message, failure);
    }
}
