using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>
/// The durable log in front of everything. Connections append; one thread commits whatever came while the last commit was under way
/// (write, flush to disk, then release the acknowledgements), and hands the committed records on in order.
/// </summary>
public sealed partial class IntakeLog : IDisposable
{
    private static readonly ActivitySource s_activities = new("SmartCity.Gateway");
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_logPeriod = TimeSpan.FromMinutes(1);

    private readonly IntakeOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly IntakeSegments _segments;
    private readonly Lock _lock = new();
    private readonly CommitWaiters _waiters = new();
    private readonly CommitPace _pace;
    private readonly QuietSemaphore _filled = new(0);
    private readonly QuietSemaphore _freeBatches;
    private readonly Stack<IntakeBatch> _free = new();
    private readonly Queue<IntakeBatch> _committed = new();
    private readonly QuietSemaphore _committedCount = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread _committer;
    private readonly Histogram<double> _commitSeconds;
    private readonly Counter<long> _records;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _pauses;

    private IntakeBatch _filling = new();
    private IntakeBatch? _replayBatch; // replay has its own: were it to wait for a free one, the commits under way could hold them all
    private TaskCompletionSource? _space;
    private bool _signalled;
    private long _nextSequence;
    private long _durable;
    private long _replayAfter;
    private long _replayThrough;
    private volatile bool _isFull;
    private volatile bool _isFailing;

    public IntakeLog(IntakeOptions options, TimeProvider clock, IMeterFactory meters, ILogger<IntakeLog> logger)
        : this(options, clock, meters, logger, new IntakeSegments(options))
    {
    }

    internal IntakeLog(IntakeOptions options, TimeProvider clock, IMeterFactory meters, ILogger<IntakeLog> logger, IntakeSegments segments)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(meters);
        (_options, _clock, _logger) = (options, clock, logger);
        _segments = segments;
        _freeBatches = new(options.Batches);
        _pace = new(options.CommitDelayMs);
        for (var i = 0; i < options.Batches; i++) _free.Push(new());
        var meter = meters.Create("SmartCity.Gateway");
        _commitSeconds = meter.CreateHistogram<double>("smartcity.intake.commit", "s", "Time to make one batch of records durable.");
        _records = meter.CreateCounter<long>("smartcity.intake.records", "{record}", "Records made durable.");
        _bytes = meter.CreateCounter<long>("smartcity.intake.bytes", "By", "Bytes made durable.");
        _failures = meter.CreateCounter<long>("smartcity.intake.failures", "{commit}", "Commits that the disk refused and that were repeated.");
        _pauses = meter.CreateCounter<long>("smartcity.intake.pauses", "{pause}", "Times a connection had to wait because the log was behind or full.");
        meter.CreateObservableGauge("smartcity.intake.size", () => _segments.Bytes, "By", "Bytes of the intake log on disk.");
        meter.CreateObservableGauge("smartcity.intake.pending", () => _segments.BytesToStore, "By", "Bytes of those files of the intake log that have records which the store does not have.");
        _committer = new Thread(CommitLoop) { IsBackground = true, Name = "intake commit" };
    }

    /// <summary>Newest durable sequence.</summary>
    public long Durable => Volatile.Read(ref _durable);

    /// <summary>True while the disk refuses and nothing is acknowledged.</summary>
    public bool IsFailing => _isFailing;

    /// <summary>True while the log holds all it may and publishers wait; see <see cref="IntakeOptions.MaxBytes"/>.</summary>
    public bool IsFull => _isFull;

    /// <summary>Newest record that an earlier process made durable; 0 for none.</summary>
    internal long ReplayThrough => _replayThrough;

    /// <summary>Opens the folder and starts committing.</summary>
    /// <param name="checkpoint">Newest record that the store has wholly; 0 for none. <see cref="Replay"/> gives out what came after it.</param>
    /// <exception cref="StoreUnavailableException">The folder cannot be written.</exception>
    public void Open(long checkpoint)
    {
        _replayThrough = _segments.Open();
        _replayAfter = checkpoint;
        _durable = Math.Max(_replayThrough, checkpoint);
        _segments.MarkStored(checkpoint, _clock.GetUtcNow());
        _nextSequence = _durable + 1;
        _waiters.Release(_durable);
        _committer.Start();
    }

    /// <summary>Adds a record to the next commit. Never waits: callers await <see cref="WhenReadyAsync"/> between batches.</summary>
    /// <returns>The record's sequence, to be awaited with <see cref="WhenDurableAsync"/>.</returns>
    public long Append(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        var arrivalMs = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        lock (_lock)
        {
            var sequence = _nextSequence++;
            _filling.Append(sequence, arrivalMs, topic, payload);
            if (_signalled) return sequence;
            _signalled = true;
            _filled.Release();
            return sequence;
        }
    }

    /// <summary>Completes when the record is on disk.</summary>
    public ValueTask WhenDurableAsync(long sequence) => sequence <= Durable ? default : _waiters.WaitAsync(sequence);

    /// <summary>Completes when the log can take more: the back-pressure point.</summary>
    public ValueTask WhenReadyAsync(CancellationToken cancellationToken) =>
        !_isFull && Volatile.Read(ref _filling).Length < _options.PauseBytes ? default : WaitForSpaceAsync(cancellationToken);

    /// <summary>Lets go of what the store has, as far as <see cref="IntakeOptions.KeepHours"/> and <see cref="IntakeOptions.KeepBytes"/> say.</summary>
    /// <param name="sequence">Newest record that the store has wholly.</param>
    public void Trim(long sequence)
    {
        _segments.MarkStored(sequence, _clock.GetUtcNow());
        UpdateFullness();
    }

    public void Dispose()
    {
        if (_stopping.IsCancellationRequested) return;
        _stopping.Cancel();
        if (!_committer.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted)) _committer.Join(); // not started when the folder could not be opened
        _segments.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Batches that an earlier process made durable and the store does not have wholly; each is given back with <see cref="Return"/>.</summary>
    internal IEnumerable<IntakeBatch> Replay(CancellationToken cancellationToken) =>
        _replayThrough <= _replayAfter ? [] : ReplaySegments(cancellationToken);

    /// <summary>Waits for the next committed batch; it is given back with <see cref="Return"/>.</summary>
    internal IntakeBatch Take(CancellationToken cancellationToken)
    {
        _committedCount.Wait(cancellationToken);
        return Dequeue();
    }

    private IntakeBatch Dequeue()
    {
        lock (_lock) return _committed.Dequeue();
    }

    /// <summary>As <see cref="Take"/>; null when the wait was interrupted.</summary>
    internal IntakeBatch? TryTake(CancellationToken interrupt, CancellationToken cancellationToken)
    {
        if (!interrupt.CanBeCanceled) return Take(cancellationToken);
        if (_committedCount.TryWait()) return Dequeue();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interrupt, cancellationToken);
        try
        {
            return Take(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Records that this process made durable or replayed, once more; each batch is given back with <see cref="Return"/>.</summary>
    internal IEnumerable<IntakeBatch> ReadAgain(long after, long through)
    {
        if (through <= after) yield break;
        _replayBatch = new();
        foreach (var batch in _segments.ReadAfter(after, through, _replayBatch)) yield return batch;
        _replayBatch = null;
    }

    /// <summary>Records as they arrived, by sequence; those that the log does not have any more are missing.</summary>
    /// <remarks>Safe for any thread.</remarks>
    internal Dictionary<long, (string Topic, byte[] Payload)> Find(IEnumerable<long> sequences)
    {
        var wanted = sequences.Where(s => s <= Durable).Distinct().Order().ToList();
        var set = wanted.ToHashSet();
        var found = new Dictionary<long, (string, byte[])>();
        try
        {
            foreach (var batch in _segments.ReadHolding(wanted, new IntakeBatch()))
            {
                foreach (var record in batch)
                {
                    if (set.Contains(record.Sequence)) found[record.Sequence] = (System.Text.Encoding.UTF8.GetString(record.Topic), record.Payload.ToArray());
                }
            }
        }
        catch (FileNotFoundException)
        {
            // Deleted just now, because it was kept long enough.
        }

        return found;
    }

    internal void Return(IntakeBatch batch)
    {
        if (batch == _replayBatch) return;
        batch.Reset();
        lock (_lock) _free.Push(batch);
        _freeBatches.Release();
    }

    private IEnumerable<IntakeBatch> ReplaySegments(CancellationToken cancellationToken)
    {
        _replayBatch = new();
        var next = _replayAfter + 1;
        foreach (var batch in _segments.ReadAfter(_replayAfter, _replayThrough, _replayBatch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (batch.FirstSequence > next) LogDamaged(next, batch.FirstSequence - 1, _options.Folder);
            next = batch.LastSequence + 1;
            yield return batch;
        }

        _replayBatch = null;
    }

    private async ValueTask WaitForSpaceAsync(CancellationToken cancellationToken)
    {
        _pauses.Add(1);
        while (true)
        {
            Task space;
            lock (_lock)
            {
                if (!_isFull && _filling.Length < _options.PauseBytes) return;
                space = (_space ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await space.WaitAsync(cancellationToken);
        }
    }

    [LoggerMessage(5001, LogLevel.Error, "The intake log in '{Folder}' could not be written; nothing is acknowledged until it can. Free disk space or repair the disk; trying again.")]
    private partial void LogCommitFailed(Exception exception, string folder);

    [LoggerMessage(5004, LogLevel.Information, "The intake log in '{Folder}' can be written again; what waited is acknowledged.")]
    private partial void LogCommitsAgain(string folder);

    [LoggerMessage(5002, LogLevel.Warning, "The intake log has reached Intake:MaxBytes ({MaxBytes} bytes) because the store is behind; publishers wait.")]
    private partial void LogFull(long maxBytes);

    [LoggerMessage(5003, LogLevel.Error, "Records {First} to {Last} of the intake log in '{Folder}' cannot be read: its files are damaged. What follows them is replayed.")]
    private partial void LogDamaged(long first, long last, string folder);
}
