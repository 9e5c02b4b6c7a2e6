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
    private readonly DeliveryMeter? _delivery = options.Subscribers > 0 ? new(time ?? TimeProvider.System) : null;
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
            return new(Volatile.Read(ref _connected), connections.Count(c => c.Loss is not null), sent, connections.Sum(c => c.Acknowledged), connections.Sum(c => c.Refused), _delivery?.Delivered, Math.Min(1, part), elapsed);
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
        var connections = Enumerable.Range(0, options.Connections).Select(i => new LoadConnection(options, i, histograms[i % histograms.Length], _delivery, _time) { Turn = i / _shares }).ToArray();
        var subscribers = _delivery is null ? [] : LoadKeys.Filters(options.Keys, options.Subscribers).Select((filters, i) => new LoadSubscriber(options, i, filters, _delivery, _time)).ToArray();
        Volatile.Write(ref _connections, connections);
        try
        {
            foreach (var subscriber in subscribers) await subscriber.StartAsync(cancellationToken).ConfigureAwait(false);
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

            var result = Sum(connections, histograms, _time.GetElapsedTime(started), Environment.CpuUsage.TotalTime - processor, cancellationToken.IsCancellationRequested);
            return _delivery is null ? result : result with { Delivery = await CollectAsync(subscribers, result, cancellationToken).ConfigureAwait(false) };
        }
        finally
        {
            // All at once: a broker that no longer reads holds each of them up for a while.
            await Task.WhenAll(connections.Concat<IAsyncDisposable>(subscribers).Select(c => Task.Run(() => c.DisposeAsync().AsTask()))).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until everything has come back, or nothing more comes.</summary>
    private async Task<DeliveryResult> CollectAsync(LoadSubscriber[] subscribers, LoadResult result, CancellationToken stop)
    {
        var (delivery, started) = (_delivery!, _time.GetTimestamp());
        while (delivery.Delivered < result.Sent && !stop.IsCancellationRequested)
        {
            var waited = _time.GetElapsedTime(started);
            if (waited > options.DrainTimeout || (waited > options.QuietTime && delivery.Quiet > options.QuietTime) || Array.Exists(subscribers, s => s.Failure is not null)) break;
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time, CancellationToken.None).ConfigureAwait(false);
        }

        // A subscriber's histogram is its own until it is closed.
        await Task.WhenAll(subscribers.Select(s => s.StopAsync())).ConfigureAwait(false);
        var latency = new LatencyHistogram();
        foreach (var subscriber in subscribers) latency.Merge(subscriber.Latency);
        return delivery.Result(subscribers.Length, result.Sent, latency);
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
