using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;

namespace SmartCity.Silo.Tests;

/// <summary>
/// Publishes readings of now with QoS 1 at a steady pace until it is told to stop, from several devices in turn. A lost connection is opened again and what was
/// not acknowledged is sent again, so that in the end every message has its PUBACK.
/// </summary>
public sealed class SteadyPublisher : IAsyncDisposable
{
    /// <summary>Readings in a message: pm25 and temp.</summary>
    public const int ReadingsPerMessage = 2;

    private const int MaxInFlight = 100;
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly int _port;
    private readonly string _clientId;
    private readonly IReadOnlyList<string> _topics;
    private readonly int _perTick;
    private readonly int _salt;
    private readonly long[] _lastMs;
    private readonly ConcurrentDictionary<int, string> _unacknowledged = new();
    private readonly Dictionary<int, TaskCompletionSource> _awaited = [];
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly CancellationTokenSource _given = new();
    private readonly Task _running;
    private int _next;
    private int _acknowledged;
    private int _resent;

    /// <param name="topics">A device's topic each; the devices send in turn.</param>
    /// <param name="perSecond">Messages per second asked for.</param>
    /// <param name="salt">0 to 9: of two publishers with a device in common, so that no reading of one looks like one of the other sent again.</param>
    public SteadyPublisher(int port, string clientId, IReadOnlyList<string> topics, int perSecond, int salt = 0)
    {
        (_port, _clientId, _topics, _perTick, _salt) = (port, clientId, topics, Math.Max(1, perSecond / 50), salt);
        _lastMs = new long[topics.Count];
        _running = Task.Run(RunAsync);
    }

    /// <summary>Messages that have their PUBACK.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Messages that were sent more than once; each may have arrived more than once.</summary>
    public int Resent => Volatile.Read(ref _resent);

    /// <summary>pm25 of message <paramref name="index"/>.</summary>
    public static double Value(int index) => index % 4000 / 4.0;

    /// <summary>Index of the topic that message <paramref name="index"/> went to.</summary>
    public int TopicOf(int index) => index % _topics.Count;

    /// <summary>Waits until so many more messages are acknowledged than now.</summary>
    public async Task MoreAsync(int messages)
    {
        TaskCompletionSource reached;
        int count;
        lock (_lock)
        {
            count = Acknowledged + messages;
            if (!_awaited.TryGetValue(count, out reached!)) _awaited[count] = reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        try
        {
            await await Task.WhenAny(reached.Task, _running).WaitAsync(s_patience);
            Assert.True(reached.Task.IsCompleted, "The publisher ended by itself.");
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{_clientId}: not {count} acknowledged messages within {s_patience.TotalSeconds} s, only {Acknowledged}.");
        }
    }

    /// <summary>Sends nothing new, and waits until everything that was sent is acknowledged.</summary>
    /// <returns>How many messages there are.</returns>
    public async Task<int> StopAsync()
    {
        await _stopped.CancelAsync();
        try
        {
            await _running.WaitAsync(s_patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{_clientId}: {_unacknowledged.Count} messages were not acknowledged within {s_patience.TotalSeconds} s.");
        }

        Assert.Equal(_next, Acknowledged);
        return _next;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _given.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopped.Dispose();
        _given.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopped.IsCancellationRequested || !_unacknowledged.IsEmpty)
        {
            _given.Token.ThrowIfCancellationRequested();
            try
            {
                using var mqtt = await RawMqtt.ConnectAsync(_port, _clientId, s_patience);
                await using var closing = _given.Token.Register(mqtt.Dispose);
                await ConversationAsync(mqtt);
            }
            catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
            {
                // The gateway is away: asked again until it is back.
                await Task.Delay(s_tick, _given.Token);
            }
        }
    }

    private async Task ConversationAsync(RawMqtt mqtt)
    {
        using var window = new SemaphoreSlim(MaxInFlight);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(_given.Token);
        var again = _unacknowledged.Keys.Order().ToList();
        var sending = SendAsync(mqtt, again, window, lost.Token);
        try
        {
            // The last acknowledgement may come before the loop of the sender has seen that it must stop.
            while (!sending.IsCompleted || !_unacknowledged.IsEmpty)
            {
                if (_unacknowledged.IsEmpty)
                {
                    await Task.WhenAny(sending, Task.Delay(s_tick, lost.Token));
                    continue;
                }

                var index = IndexOf(await mqtt.ReadPubAckAsync());
                Assert.True(_unacknowledged.TryRemove(index, out _), $"Message {index} was acknowledged twice on one connection.");
                window.Release();
                Acknowledge();
            }
        }
        finally
        {
            await lost.CancelAsync();
            await sending;
        }
    }

    private void Acknowledge()
    {
        TaskCompletionSource? reached;
        lock (_lock) _awaited.Remove(++_acknowledged, out reached);
        reached?.TrySetResult();
    }

    // Those in flight are so few that an identifier names one of them.
    private int IndexOf(ushort packetId) => _unacknowledged.Keys.First(index => PacketId(index) == packetId);

    private static ushort PacketId(int index) => (ushort)((index % 65_535) + 1);

    private async Task SendAsync(RawMqtt mqtt, List<int> again, SemaphoreSlim window, CancellationToken lost)
    {
        try
        {
            foreach (var index in again)
            {
                await window.WaitAsync(lost);
                Interlocked.Increment(ref _resent);
                await mqtt.SendAsync(RawMqtt.Publish(_topics[TopicOf(index)], _unacknowledged[index], PacketId(index)));
            }

            using var timer = new PeriodicTimer(s_tick);
            while (!_stopped.IsCancellationRequested && await timer.WaitForNextTickAsync(lost))
            {
                for (var i = 0; i < _perTick; i++)
                {
                    await window.WaitAsync(lost);
                    var index = _next++;
                    var topic = TopicOf(index);
                    var ms = _lastMs[topic] = Math.Max(Api.NowMs, _lastMs[topic] + 1);
                    var payload = string.Create(CultureInfo.InvariantCulture, $$"""{"ts":{{ms}},"seq":{{(index * 10) + _salt}},"pm25":{{Value(index)}},"temp":{{index % 40}}}""");
                    _unacknowledged[index] = payload;
                    await mqtt.SendAsync(RawMqtt.Publish(_topics[topic], payload, PacketId(index)));
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection is gone; the next one sends the rest.
        }
    }
}
