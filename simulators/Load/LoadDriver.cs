using System.Diagnostics;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>Sends as fast as a broker acknowledges, over many connections at once, each with its own window.</summary>
public sealed class LoadDriver(LoadOptions options, TimeProvider? time = null)
{
    // One flush for several messages while there is room; the window's end flushes anyway.
    private const int FlushEvery = 16;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _remaining;

    /// <summary>Runs to the end, or until cancelled; a cancelled run answers what it measured so far.</summary>
    /// <exception cref="MqttConnectException">A connection could not be made.</exception>
    /// <exception cref="MqttConnectionLostException">A connection broke during the run.</exception>
    public async Task<LoadResult> RunAsync(CancellationToken cancellationToken)
    {
        options.Validate();
        _remaining = options.Messages == 0 ? long.MaxValue : options.Messages;
        var workers = new List<Worker>();
        try
        {
            for (var i = 0; i < options.Connections; i++)
            {
                var devices = (options.Devices / options.Connections) + (i < options.Devices % options.Connections ? 1 : 0);
                var worker = new Worker(options, i, devices, _time);
                workers.Add(worker);
                await worker.Client.ConnectAsync(cancellationToken).ConfigureAwait(false);
            }

            using var end = options.Messages > 0 ? new() : new CancellationTokenSource(options.Duration, _time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
            var started = _time.GetTimestamp();
            await Task.WhenAll(workers.Select(w => Task.Run(() => SendAsync(w, both.Token), CancellationToken.None))).ConfigureAwait(false);
            return Sum(workers, _time.GetElapsedTime(started));
        }
        finally
        {
            foreach (var worker in workers) await worker.Client.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task SendAsync(Worker worker, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && Take(FlushEvery) is var batch and > 0)
        {
            var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            for (var i = 1; i <= batch; i++)
            {
                var payload = worker.Payload.Next(now);
                await worker.Client.SendAsync(worker.Payload.Topic, payload, options.QoS, flush: i == batch, CancellationToken.None).ConfigureAwait(false);
                worker.Sent++;
            }
        }

        await worker.Client.DrainAsync(CancellationToken.None).ConfigureAwait(false);

        // QoS 0 has no acknowledgement: the answer to a request behind the last message shows that the broker has read them all.
        if (options.QoS != MqttQoS.AtMostOnce) return;
        await worker.Client.UnsubscribeAsync("load/barrier", CancellationToken.None).ConfigureAwait(false);
        worker.Acknowledged = worker.Sent;
    }

    private int Take(int count)
    {
        if (options.Messages == 0) return count;
        var left = Interlocked.Add(ref _remaining, -count) + count;
        return (int)Math.Clamp(left, 0, count);
    }

    private LoadResult Sum(List<Worker> workers, TimeSpan elapsed)
    {
        var latency = new LatencyHistogram();
        foreach (var worker in workers) latency.Merge(worker.Latency);
        return new(
            workers.Sum(w => w.Sent), workers.Sum(w => w.Acknowledged), workers.Sum(w => w.Refused), elapsed.TotalSeconds,
            options.QoS == MqttQoS.AtMostOnce ? null : new(Ms(0.5), Ms(0.95), Ms(0.99), Ms(0.999), latency.Max.TotalMilliseconds));

        double Ms(double q) => latency.Quantile(q).TotalMilliseconds;
    }

    [DebuggerDisplay("{Sent} sent, {Acknowledged} acknowledged")]
    private sealed class Worker
    {
        public Worker(LoadOptions options, int index, int devices, TimeProvider time)
        {
            Payload = new(options.PayloadSize, index, devices);
            Client = new(new MqttClientOptions
            {
                ClientId = $"load-{Environment.ProcessId}-{index}",
                Version = options.Version,
                MaxInFlight = options.InFlight,
                Time = time,
                OnAcknowledged = OnAcknowledged,
            }.WithUrl(options.Url));
        }

        public MqttClient Client { get; }

        public LoadPayload Payload { get; }

        public LatencyHistogram Latency { get; } = new();

        public long Sent { get; set; }

        public long Acknowledged { get; set; }

        public long Refused { get; private set; }

        private void OnAcknowledged(MqttAcknowledgement acknowledgement)
        {
            Latency.Add(acknowledgement.Elapsed);
            if ((byte)acknowledgement.ReasonCode < 0x80) Acknowledged++;
            else Refused++;
        }
    }
}
