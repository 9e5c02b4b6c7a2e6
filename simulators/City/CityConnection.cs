using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>
/// One connection of a city, as of a field gateway that many devices stand behind: sends in order, keeps what is not acknowledged, and sends it again after a lost
/// connection. What waits is bounded: the city waits with it.
/// </summary>
internal sealed class CityConnection : IDisposable
{
    private const int MaxWaiting = 1024;
    private const int MaxInFlight = 256;
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(500);

    private readonly Channel<FaultyMessage> _queue = Channel.CreateBounded<FaultyMessage>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true, SingleWriter = true });
    private readonly MqttClientOptions _endpoint;
    private readonly string _clientId;
    private readonly MqttQoS _qos;
    private readonly Action<TruthRecord> _settled;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly List<Sent> _again = []; // not acknowledged when their connection was lost, in the order of sending
    private CancellationTokenSource _cut = new();

    /// <param name="settled">Called from several threads, once for each message.</param>
    public CityConnection(MqttClientOptions endpoint, string clientId, MqttQoS qos, Action<TruthRecord> settled, TimeProvider clock, ILogger logger) =>
        (_endpoint, _clientId, _qos, _settled, _clock, _logger) = (endpoint, clientId, qos, settled, clock, logger);

    public ValueTask SendAsync(FaultyMessage message, CancellationToken stop) => _queue.Writer.WriteAsync(message, stop);

    /// <summary>Cuts the connection; it comes back.</summary>
    public void Cut() => Volatile.Read(ref _cut).Cancel();

    public void Dispose() => _cut.Dispose();

    /// <summary>No more messages come.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    /// <summary>Sends what comes until <see cref="Complete"/> and everything is acknowledged, or until cancelled; then what is not acknowledged is unknown.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && (_again.Count > 0 || await WaitAsync(stop).ConfigureAwait(false)))
        {
            try
            {
                await SendOverOneAsync(stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is MqttConnectException or MqttConnectionLostException or OperationCanceledException)
            {
                if (e is MqttConnectException) await PauseAsync(e.Message, stop).ConfigureAwait(false);
            }
        }

        foreach (var sent in _again) _settled(TruthRecord.From(sent.Message, sent.Tries == 0 ? TruthOutcome.Lost : TruthOutcome.Unknown, sent.Tries, sent.FirstMs, 0));
        _again.Clear();

        // What was measured and did not get its turn before the end was never sent.
        _queue.Writer.TryComplete();
        while (_queue.Reader.TryRead(out var left)) _settled(TruthRecord.From(left, TruthOutcome.Lost, 0, 0, 0));
    }

    private async Task<bool> WaitAsync(CancellationToken stop)
    {
        try
        {
            return await _queue.Reader.WaitToReadAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task PauseAsync(string why, CancellationToken stop)
    {
        _logger.CityInterrupted(_endpoint.Host, _endpoint.Port, why);
        try
        {
            await Task.Delay(s_retry, _clock, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop ends.
        }
    }

    private async Task SendOverOneAsync(CancellationToken stop)
    {
        Volatile.Write(ref _cut, new()); // the old one may be about to be cancelled by another thread, so it is left to the collector
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, _cut.Token);
        var client = new MqttClient(_endpoint with { ClientId = _clientId, MaxInFlight = MaxInFlight, Time = _clock });
        using var room = new SemaphoreSlim(MaxInFlight);
        var under = new Queue<Task>();
        var failed = new List<Sent>();
        try
        {
            await client.ConnectAsync(stop).ConfigureAwait(false);
            while (_again.Count > 0)
            {
                var next = _again[0];
                _again.RemoveAt(0);
                if (!await TryBeginAsync(client, next, room, under, failed, both.Token).ConfigureAwait(false)) return;
            }

            while (await _queue.Reader.WaitToReadAsync(both.Token).ConfigureAwait(false))
            {
                while (_queue.Reader.TryRead(out var message))
                {
                    if (!await TryBeginAsync(client, new(message), room, under, failed, both.Token).ConfigureAwait(false)) return;
                }
            }

            await Task.WhenAll(under).WaitAsync(both.Token).ConfigureAwait(false);
        }
        finally
        {
            // Closing lets every message under way fail; those go over the next connection, in their order.
            await client.DisposeAsync().ConfigureAwait(false);
            await Task.WhenAll(under).ConfigureAwait(false);
            _again.AddRange(failed);
            _again.Sort((a, b) => a.Order.CompareTo(b.Order));
        }
    }

    /// <summary>Begins to publish; false when the connection has ended, and then the message is among those that failed.</summary>
    private async ValueTask<bool> TryBeginAsync(MqttClient client, Sent sent, SemaphoreSlim room, Queue<Task> under, List<Sent> failed, CancellationToken cut)
    {
        try
        {
            await room.WaitAsync(cut).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (failed) failed.Add(sent);
            return false;
        }

        while (under.TryPeek(out var oldest) && oldest.IsCompleted) _ = under.Dequeue();
        var published = PublishAsync(client, sent, room, failed);
        under.Enqueue(published);

        // Cut between PUBLISH and PUBACK: the platform has the message, and gets it again.
        return client.IsConnected && !(sent.Message.CutsConnections && sent.Tries == 1);
    }

    private async Task PublishAsync(MqttClient client, Sent sent, SemaphoreSlim room, List<Sent> failed)
    {
        if (sent.Tries++ == 0) sent.FirstMs = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        try
        {
            var reason = await client.PublishAsync(System.Text.Encoding.UTF8.GetString(sent.Message.Topic), sent.Message.Payload, _qos).ConfigureAwait(false);
            var outcome = (byte)reason >= 0x80 ? (sent.Tries == 1 ? TruthOutcome.Refused : TruthOutcome.Unknown) : _qos == MqttQoS.AtMostOnce ? TruthOutcome.Unknown : TruthOutcome.Acknowledged;
            _settled(TruthRecord.From(sent.Message, outcome, sent.Tries, sent.FirstMs, outcome == TruthOutcome.Acknowledged ? _clock.GetUtcNow().ToUnixTimeMilliseconds() : 0));
        }
        catch (MqttConnectionLostException)
        {
            lock (failed) failed.Add(sent);
        }
        finally
        {
            room.Release();
        }
    }

    private sealed class Sent(FaultyMessage message)
    {
        public FaultyMessage Message { get; } = message;

        public int Tries { get; set; }

        public long FirstMs { get; set; }

        public long Order => Message.Number;
    }
}
