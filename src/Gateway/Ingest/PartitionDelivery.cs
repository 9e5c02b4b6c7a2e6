using Microsoft.Extensions.Logging;

namespace SmartCity.Gateway;

/// <summary>
/// Sends messages to grains of hosts that may be other processes: the devices in partitions, many messages in one call, and one call of a
/// partition under way at a time, so that no message of a device overtakes another. What a host loses is found out, see <see cref="HasGap"/>.
/// </summary>
internal sealed partial class PartitionDelivery : IDisposable
{
    private readonly IngestPump _pump;
    private readonly ILogger _logger;
    private readonly int _count;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ManualResetEventSlim _idle = new(true);
    private readonly Lock _lock = new();
    private CancellationTokenSource _gap = new();
    private Partition[] _partitions = [];
    private long _durable = -1;
    private int _running;
    private int _failing;

    public PartitionDelivery(int partitions, IngestPump pump, ILogger logger) => (_count, _pump, _logger) = (partitions, pump, logger);

    /// <summary>Number of this gateway.</summary>
    public int Gateway { get; private set; }

    /// <summary>Told of every call that a grain answered, before the messages count as applied: the hosts, and the oldest position in the call.</summary>
    public Action<IReadOnlyList<string>, long>? Delivered { get; init; }

    /// <summary>True when a grain has refused messages because it lacks earlier ones: the pump must go back to what the store has.</summary>
    public bool HasGap => Volatile.Read(ref _gap).IsCancellationRequested;

    /// <summary>Cancelled when <see cref="HasGap"/> becomes true.</summary>
    public CancellationToken GapToken => Volatile.Read(ref _gap).Token;

    /// <summary>Begins, once grains can be asked for.</summary>
    public void Start(int gateway, long durable, IGrainFactory grains)
    {
        (Gateway, _durable) = (gateway, durable);
        _partitions = [.. Enumerable.Range(0, _count).Select(i => new Partition(this, grains.GetGrain<IDeliveryGrain>(
            "p" + i.ToString(System.Globalization.CultureInfo.InvariantCulture))))];
    }

    /// <summary>The store has everything up to here.</summary>
    public void SetDurable(long position)
    {
        if (position > Volatile.Read(ref _durable)) Volatile.Write(ref _durable, position);
    }

    /// <summary>Takes a message; the pump's thread calls it in the order of the log.</summary>
    public void Send(PendingMessage message)
    {
        if (HasGap)
        {
            _pump.OnDropped(message, mayBeInUse: false);
            return;
        }

        var device = message.Device;
        message.Message.Gateway = Gateway;
        message.Message.Previous = device.LastSent;
        device.LastSent = message.Message.Position;
        PartitionOf(device.Id).Enqueue(message);
    }

    /// <summary>Something that grains had taken is lost.</summary>
    public void ReportGap()
    {
        lock (_lock)
        {
            if (!_stopping.IsCancellationRequested && !_gap.IsCancellationRequested) _gap.Cancel();
        }
    }

    /// <summary>Waits until no call is under way. After a gap no new one begins.</summary>
    public void WaitUntilIdle(CancellationToken cancellationToken) => _idle.Wait(cancellationToken);

    /// <summary>Forgets the gap.</summary>
    /// <returns>Position behind which everything must be sent again.</returns>
    public long BeginAgain()
    {
        lock (_lock)
        {
            _gap.Dispose();
            Volatile.Write(ref _gap, new());
            return Volatile.Read(ref _durable);
        }
    }

    /// <summary>Begins no more calls. Those under way end by themselves; nobody waits for them.</summary>
    public void Dispose() => _stopping.Cancel();

    private Partition PartitionOf(string id)
    {
        // FNV-1a: the same in every gateway, so that a partition's devices are near the partition.
        var hash = 2166136261u;
        foreach (var c in id) hash = (hash ^ c) * 16777619u;
        return _partitions[hash % (uint)_partitions.Length];
    }

    private void Started()
    {
        lock (_lock)
        {
            if (_running++ == 0) _idle.Reset();
        }
    }

    private void Ended()
    {
        lock (_lock)
        {
            if (--_running == 0) _idle.Set();
        }
    }

    private void Failed(Exception exception)
    {
        if (Interlocked.Exchange(ref _failing, 1) == 0) LogAway(exception.Message);
    }

    private void Succeeded()
    {
        if (Volatile.Read(ref _failing) == 1 && Interlocked.Exchange(ref _failing, 0) == 1) LogBack();
    }

    [LoggerMessage(5105, LogLevel.Warning, "Grains cannot be reached ({Reason}); messages wait in the intake log.")]
    private partial void LogAway(string reason);

    [LoggerMessage(5106, LogLevel.Information, "Grains take messages again.")]
    private partial void LogBack();

    /// <summary>One partition: a queue, and the loop that empties it.</summary>
    private sealed class Partition(PartitionDelivery owner, IDeliveryGrain grain)
    {
        private const int MaxMessages = 512; // in one call
        private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(50);
        private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(1);

        private readonly Lock _lock = new();
        private readonly Queue<PendingMessage> _queue = new();
        private bool _running;

        public void Enqueue(PendingMessage message)
        {
            lock (_lock)
            {
                _queue.Enqueue(message);
                if (_running) return;
                _running = true;
                owner.Started();
            }

            _ = Task.Run(RunAsync);
        }

        private async Task RunAsync()
        {
            var sending = new List<PendingMessage>();
            while (!owner._stopping.IsCancellationRequested && !owner.HasGap)
            {
                lock (_lock)
                {
                    while (sending.Count < MaxMessages && _queue.TryDequeue(out var message)) sending.Add(message);
                    if (sending.Count == 0)
                    {
                        _running = false;
                        owner.Ended();
                        return;
                    }
                }

                if (await SendAsync(sending)) sending.Clear();
            }

            Drop(sending);
        }

        /// <summary>Sends the same messages until a grain answers. False when they must be given up.</summary>
        private async Task<bool> SendAsync(List<PendingMessage> sending)
        {
            var (devices, messages) = (new string[sending.Count], new DeviceMessage[sending.Count]);
            for (var i = 0; i < devices.Length; i++) (devices[i], messages[i]) = (sending[i].Device.Id, sending[i].Message);
            for (var delay = s_firstDelay; !owner._stopping.IsCancellationRequested && !owner.HasGap; delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, s_longestDelay.Ticks)))
            {
                try
                {
                    var reply = await grain.Deliver(new()
                    {
                        Gateway = owner.Gateway,
                        DurableThrough = Volatile.Read(ref owner._durable),
                        Devices = devices,
                        Messages = messages,
                    });
                    owner.Succeeded();
                    if (reply.HasGap)
                    {
                        foreach (var failure in reply.Failures ?? []) owner._pump.OnFailed(sending[failure.Index], failure.Error);
                        owner.ReportGap();
                        return false;
                    }

                    owner.Delivered?.Invoke(reply.Hosts, messages[0].Position);
                    for (var i = 0; i < sending.Count; i++) owner._pump.OnDelivered(sending[i], reply.Failures?.FirstOrDefault(f => f.Index == i).Error);
                    return true;
                }
                catch (Exception exception)
                {
                    // Whether the grains have it is not known: they skip what they have.
                    owner.Failed(exception);
                }

                await Task.Delay(delay).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            return false;
        }

        private void Drop(List<PendingMessage> sending)
        {
            foreach (var message in sending) owner._pump.OnDropped(message, mayBeInUse: true);
            lock (_lock)
            {
                while (_queue.TryDequeue(out var message)) owner._pump.OnDropped(message, mayBeInUse: false);
                _running = false;
                owner.Ended();
            }
        }
    }
}
