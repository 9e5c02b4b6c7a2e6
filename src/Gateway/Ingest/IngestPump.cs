using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;

namespace SmartCity.Gateway;

/// <summary>
/// Takes committed records in the order of the log, decodes them and hands each message to its device's grain. After a start it first replays
/// what the store does not have. One thread, so that the order, and with it every sum, is the same after a crash.
/// </summary>
public sealed partial class IngestPump : ICommitParticipant, IDisposable
{
    private const int FailureOrdinal = (1 << 21) + 1; // apart from the ordinals of decoder, grains and ledger

    private readonly IntakeLog _log;
    private readonly IGrainFactory _grains;
    private readonly GatewayOptions _options;
    private readonly ILogger _logger;
    private readonly long _windowMs;
    private readonly TopicMap _topics;
    private readonly PayloadDecoder _decoder;
    private readonly MessagePool _messages;
    private readonly IngestLedger _ledger;
    private readonly PartitionDelivery? _delivery; // null: each message is a call of its own
    private readonly SemaphoreSlim _gate = new(1, 1); // held while a batch is decoded, and by those who must see whole batches
    private readonly Lock _lock = new();
    private readonly Stack<PendingCall> _idleCalls = new();
    private readonly Queue<PendingBatch> _batches = new();
    private readonly ManualResetEventSlim _belowLimit = new(true);
    private readonly ManualResetEventSlim _storeWorks = new(true);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread _thread;
    private readonly Counter<long> _rejectedCount;
    private readonly Counter<long> _replayed;

    private long _messageCount;
    private long _readingCount;
    private int _outstanding;
    private long _appliedSequence;
    private long _decodedSequence;
    private long _storedSequence;
    private int _commitsBehindReplay; // counted to two, see IsCatchingUp
    private TaskCompletionSource? _idle;
    private MappingTable _mappings = new([]); // changed under the gate

    public IngestPump(
        IntakeLog log, DeviceTable devices, IGrainFactory grains, Geography geography, GatewayOptions options, int windowSeconds,
        IMeterFactory meters, ILogger<IngestPump> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(meters);
        (_log, Devices, _grains, _options, _logger) = (log, devices, grains, options, logger);
        _windowMs = windowSeconds * 1000L;
        _topics = new(geography);
        _messages = new(options.MaxOutstanding * 2);
        _decoder = new(_messages, options.FutureSeconds * 1000L, options.PastDays * 86_400_000L);
        _ledger = new(options.DeadLetterBytes);
        _delivery = options.Partitions == 0 ? null : new(options.Partitions, this, logger) { Delivered = Hosts.Delivered };
        _thread = new Thread(Run) { IsBackground = true, Name = "intake decode" };
        var meter = meters.Create("SmartCity.Gateway");
        // Plain fields of the one thread that counts, read when somebody asks: a counter's Add would cost more than the counting.
        meter.CreateObservableCounter("smartcity.gateway.messages", () => Volatile.Read(ref _messageCount), "{message}", "Messages handed to grains.");
        meter.CreateObservableCounter("smartcity.gateway.readings", () => Volatile.Read(ref _readingCount), "{reading}", "Readings handed to grains.");
        _rejectedCount = meter.CreateCounter<long>("smartcity.gateway.rejected", "{reading}", "Readings rejected, by reason.");
        _replayed = meter.CreateCounter<long>("smartcity.gateway.replayed", "{record}", "Records read again from the intake log after a start.");
        meter.CreateObservableGauge("smartcity.gateway.outstanding", () => Volatile.Read(ref _outstanding), "{message}", "Messages on their way to grains.");
        meter.CreateObservableGauge("smartcity.gateway.devices", () => Devices.Count, "{device}", "Registered devices.");
    }

    public DeviceTable Devices { get; }

    /// <inheritdoc/>
    public long AppliedThrough => LogPosition.Through(Volatile.Read(ref _appliedSequence));

    /// <summary>
    /// True after a start until everything that was replayed is in grains and in two further commits. Until then what is pending may hold dead
    /// letters that the store has already and will ignore, so the ledger cannot be added up.
    /// </summary>
    public bool IsCatchingUp => Volatile.Read(ref _commitsBehindReplay) < 2;

    internal TopicMap Topics => _topics;

    /// <summary>Begins with the records after the store's marks, then goes on with what arrives.</summary>
    public void Start(StoreMarks marks, IReadOnlyList<DeviceRecord> devices)
    {
        ArgumentNullException.ThrowIfNull(devices);
        foreach (var record in devices)
        {
            Devices.Add(new(record.Id, _grains.GetGrain<IDeviceGrain>(record.Id), record.Stream, record.RegisteredMs)
            {
                LastSeenMs = record.LastSeenMs,
                Latitude = record.Latitude,
                Longitude = record.Longitude,
                WasStored = true,
            });
        }

        _appliedSequence = _decodedSequence = _storedSequence = LogPosition.SequenceThrough(marks.Checkpoint);
        _ledger.Gateway = _options.Number;
        Checkpoint = marks.Checkpoint;
        _delivery?.Start(_options.Number, marks.Checkpoint, _grains);
        if (_log.ReplayThrough <= _appliedSequence) _commitsBehindReplay = 2;
        _ledger.Start(LogPosition.SequenceThrough(marks.AcceptedThrough));
        _thread.Start();
    }

    /// <inheritdoc/>
    public long Contribute(StoreCommit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        _gate.Wait();
        try
        {
            // The first may have been begun while the last replayed record was still on its way; the second has everything.
            if (IsCatchingUp && Volatile.Read(ref _appliedSequence) >= _log.ReplayThrough) Volatile.Write(ref _commitsBehindReplay, _commitsBehindReplay + 1);
            // The mark that a commit leaves: everything decoded so far is counted in it.
            var through = _ledger.Contribute(commit, Volatile.Read(ref _decodedSequence));
            return LogPosition.Through(through);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Committed(long checkpoint)
    {
        _delivery?.SetDurable(checkpoint);
        Volatile.Write(ref _storedSequence, LogPosition.SequenceThrough(checkpoint));
        _log.Trim(LogPosition.SequenceThrough(checkpoint));
    }

    /// <inheritdoc/>
    public void OnStoreFailing(bool failing)
    {
        if (failing) _storeWorks.Reset();
        else _storeWorks.Set();
    }

    /// <summary>Runs <paramref name="read"/> while nothing is on its way between log and grains, with what is not committed yet.</summary>
    public async Task<T> WhileIdleAsync<T>(Func<IngestLedger, Task<T>> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(read);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            Task idle;
            lock (_lock)
            {
                idle = _outstanding == 0 ? Task.CompletedTask : (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await idle.WaitAsync(cancellationToken);
            return await read(_ledger);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The newest record that the store has wholly.</summary>
    internal long StoredThrough => Volatile.Read(ref _storedSequence);

    /// <summary>Runs <paramref name="change"/> while no record is being decoded, with the sequence of the first one that never was.</summary>
    internal async Task<T> BetweenRecordsAsync<T>(Func<long, T> change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            // What an earlier process had made durable it may have decoded as well.
            return change(Math.Max(_decodedSequence, _log.ReplayThrough) + 1);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Rules for the records of their time. Before the start, or within <see cref="BetweenRecordsAsync"/>.</summary>
    internal void UseMappings(IReadOnlyList<MappingRule> rules) => _mappings = new(rules);

    public void Dispose()
    {
        if (_stopping.IsCancellationRequested) return;
        _stopping.Cancel();
        _delivery?.Dispose();
        _belowLimit.Set();
        if (!_thread.ThreadState.HasFlag(ThreadState.Unstarted)) _thread.Join(); // not started when the store could not be opened
        _belowLimit.Dispose();
        _storeWorks.Dispose();
        _ledger.Dispose();
        _gate.Dispose();
        _stopping.Dispose();
    }

    internal void OnCompleted(PendingCall call, Exception? error)
    {
        if (error is not null) Fail(call.Device, call.Message, error.Message, error);
        // Of a call that failed nobody knows whether its grain still reads the message.
        if (error is null) _messages.Return(call.Message);
        lock (_lock)
        {
            _idleCalls.Push(call);
            End(call.Batch);
        }
    }

    // Under the lock.
    private void End(PendingBatch? batch)
    {
        if (--_outstanding == 0)
        {
            _idle?.TrySetResult();
            _idle = null;
        }

        if (_outstanding == _options.MaxOutstanding / 2) _belowLimit.Set();
        if (batch is not null && --batch.Remaining == 0) Advance();
    }

    private void Run()
    {
        SynchronizationContext.SetSynchronizationContext(new InlineContext());
        try
        {
            var replayed = 0L;
            foreach (var batch in _log.Replay(_stopping.Token))
            {
                replayed += batch.Count;
                _replayed.Add(batch.Count);
                Process(batch);
            }

            if (replayed > 0) LogReplayed(replayed);
            while (true)
            {
                if (_delivery is { HasGap: true }) GoBack();
                else if (_log.TryTake(_delivery?.GapToken ?? default, _stopping.Token) is { } batch) Process(batch);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: what is in the log and not in the store is replayed by the next start.
        }
    }

    private void Process(IntakeBatch batch) => Process(batch, _decodedSequence);

    private void Process(IntakeBatch batch, long after)
    {
        // Before the gate is taken: the commit that both wait for needs it.
        _ledger.WaitForRoom(_stopping.Token);
        _storeWorks.Wait(_stopping.Token);
        var pending = new PendingBatch { LastSequence = batch.LastSequence, Remaining = 1 };
        lock (_lock) _batches.Enqueue(pending);
        _gate.Wait(_stopping.Token);
        try
        {
            foreach (var record in batch)
            {
                if (record.Sequence > after) TryHandle(record, pending);
            }

            if (batch.LastSequence > _decodedSequence) Volatile.Write(ref _decodedSequence, batch.LastSequence);
        }
        finally
        {
            _gate.Release();
        }

        _log.Return(batch);
        lock (_lock)
        {
            if (--pending.Remaining == 0) Advance();
        }
    }

    private void Advance()
    {
        while (_batches.TryPeek(out var oldest) && oldest.Remaining == 0)
        {
            Volatile.Write(ref _appliedSequence, oldest.LastSequence);
            _batches.Dequeue();
        }
    }

    [LoggerMessage(5101, LogLevel.Information, "Replayed {Count} records of the intake log that the store did not have yet.")]
    private partial void LogReplayed(long count);

    [LoggerMessage(5102, LogLevel.Error, "Device {Device} could not take the message at position {Position} ({Error}); it is in the dead letters.")]
    private partial void LogIngestFailed(Exception? exception, string device, long position, string error);

    [LoggerMessage(5103, LogLevel.Error, "Record {Sequence} of the intake log could not be decoded because of a mistake in this program; it is in the dead letters.")]
    private partial void LogDecodeFailed(Exception exception, long sequence);
}
