using System.Diagnostics;
using System.Runtime.InteropServices;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>
/// Loads a broker over many connections at once: as fast as it acknowledges, each connection with its own window (closed loop), or at a given rate (open loop).
/// </summary>
public sealed class LoadDriver(LoadOptions options, TimeProvider? time = null)
{
    // One flush for several messages while there is room; the window's end flushes anyway.
    private const int FlushEvery = 64;

    // Handshakes under way: enough to keep a broker busy, few enough for its accept queue.
    private const int Handshakes = 64;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly int _shares = Math.Min(options.Connections, Environment.ProcessorCount);
    private IReadOnlyList<LoadConnection> _connections = [];
    private int _connected;
    private long _remaining;
    private long _started;

    /// <summary>Where the run is; may be asked at any time, from any thread.</summary>
    public LoadProgress Progress
    {
        get
        {
            var started = Volatile.Read(ref _started);
            var connections = Volatile.Read(ref _connections);
            var elapsed = started == 0 ? TimeSpan.Zero : _time.GetElapsedTime(started);
            var sent = connections.Sum(c => c.Sent);
            var part = started == 0 ? 0 : options.Messages > 0 ? (double)sent / options.Messages : elapsed / options.Duration;
            return new(Volatile.Read(ref _connected), connections.Count(c => c.Loss is not null), sent, connections.Sum(c => c.Acknowledged), connections.Sum(c => c.Refused), Math.Min(1, part), elapsed);
        }
    }

    /// <summary>Runs to the end, or until cancelled; a cancelled run answers what it measured so far. Connections that are lost are counted, and the others go on.</summary>
    /// <exception cref="ArgumentException">An option makes no sense; the message says what to write instead.</exception>
    /// <exception cref="MqttConnectException">A connection could not be made.</exception>
    public async Task<LoadResult> RunAsync(CancellationToken cancellationToken)
    {
        options.Validate();
        _remaining = options.Messages == 0 ? long.MaxValue : options.Messages;
        var histograms = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new LatencyHistogram()).ToArray();
        var connections = Enumerable.Range(0, options.Connections).Select(i => new LoadConnection(options, i, histograms[i % histograms.Length], _time) { Turn = i / _shares }).ToArray();
        Volatile.Write(ref _connections, connections);
        try
        {
            await ConnectAsync(connections, cancellationToken).ConfigureAwait(false);
            var keys = new LoadKeys(options.Keys, options.Zipf);
            var processor = Environment.CpuUsage.TotalTime;
            var started = _time.GetTimestamp();
            Volatile.Write(ref _started, started);
            await SendAsync(connections, keys, started, cancellationToken).ConfigureAwait(false);
            using (var patience = new CancellationTokenSource(options.DrainTimeout, _time))
            {
                // Who pressed Ctrl+C wants the summary now.
                using var hurry = cancellationToken.Register(() => patience.CancelAfter(TimeSpan.FromSeconds(1)));
                await Task.WhenAll(connections.Select(c => c.DrainAsync(patience.Token))).ConfigureAwait(false);
            }

            return Sum(connections, histograms, _time.GetElapsedTime(started), Environment.CpuUsage.TotalTime - processor, cancellationToken.IsCancellationRequested);
        }
        finally
        {
            await Parallel.ForEachAsync(connections, CancellationToken.None, static (c, _) => c.DisposeAsync()).ConfigureAwait(false);
        }
    }

    private Task ConnectAsync(LoadConnection[] connections, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(connections, new ParallelOptions { MaxDegreeOfParallelism = Handshakes, CancellationToken = cancellationToken }, async (connection, stop) =>
        {
            await connection.ConnectAsync(stop).ConfigureAwait(false);
            Interlocked.Increment(ref _connected);
        });

    private async Task SendAsync(LoadConnection[] connections, LoadKeys keys, long started, CancellationToken cancellationToken)
    {
        if (options.Rate is { } rate)
        {
            var total = options.Messages > 0 ? options.Messages : (long)Math.Ceiling(rate * options.Duration.TotalSeconds);
            await Task.WhenAll(Enumerable.Range(0, _shares).Select(share => Task.Run(
                () => new LoadSchedule([.. connections.Where((_, i) => i % _shares == share)], keys, rate, total, share, _shares, _time)
                    .RunAsync(started, options.DrainTimeout, cancellationToken),
                CancellationToken.None))).ConfigureAwait(false);
            return;
        }

        using var end = options.Messages > 0 ? new() : new CancellationTokenSource(options.Duration, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        await Task.WhenAll(connections.Select((c, i) => Task.Run(() => c.SendAllAsync(keys, i, FlushEvery, Take, both.Token), CancellationToken.None))).ConfigureAwait(false);
    }

    private int Take(int count)
    {
        if (options.Messages == 0) return count;
        var left = Interlocked.Add(ref _remaining, -count) + count;
        return (int)Math.Clamp(left, 0, count);
    }

    private static LoadResult Sum(LoadConnection[] connections, LatencyHistogram[] histograms, TimeSpan elapsed, TimeSpan processor, bool stopped)
    {
        var latency = new LatencyHistogram();
        foreach (var part in histograms) latency.Merge(part);
        var lost = connections.Where(c => c.Loss is not null).ToList();
        var sent = connections.Sum(c => c.Sent);
        return new(sent, connections.Sum(c => c.Acknowledged), connections.Sum(c => c.Refused), elapsed.TotalSeconds, latency.Summarize())
        {
            Behind = Math.Max(0, connections.Sum(c => c.Due) - sent),
            Connections = connections.Length,
            Lost = lost.Count,
            FirstLoss = lost.Count > 0 ? lost[0].Loss!.Message : null,
            ProcessorSeconds = processor.TotalSeconds,
            Stopped = stopped,
        };
    }
}
