namespace Orleans.Runtime;

/// <summary>One thread that runs the turns of its grains, one at a time.</summary>
internal sealed class Shard : IDisposable
{
    private const int SpinsBeforeSleep = 10; // some 8 µs: what comes within that costs no sleep, and what comes later little

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly WorkQueue _queue = new();
    private readonly Lock _dropping = new();
    private readonly ManualResetEventSlim _wake = new(false, spinCount: 0);
    private readonly Thread _thread;
    private volatile int _sleeping;
    private volatile bool _stopping;
    private volatile bool _ended;
    private WorkItem? _current;
    private PaddedCount _turns; // the shard's side
    private PaddedCount _queued; // the callers' side

    public Shard(int index)
    {
        Index = index;
        _thread = new Thread(Loop) { IsBackground = true, Name = $"grains {index}" };
        _thread.Start();
    }

    public int Index { get; }

    /// <summary>Turns run so far.</summary>
    public long Turns => Volatile.Read(ref _turns.Value);

    /// <summary>Calls and continuations that wait for this thread.</summary>
    public long Depth => Math.Max(0, Interlocked.Read(ref _queued.Value) - Turns);

    /// <summary>What runs now; null while the shard has nothing to do.</summary>
    public WorkItem? Current => Volatile.Read(ref _current);

    /// <summary>A call that begins within the turn of another, because it waited for that one to end.</summary>
    public void Runs(WorkItem item) => _current = item;

    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Grains with calls that wait or are suspended. Belongs to the shard's thread.</summary>
    public BusyGrains Busy { get; } = new();

    /// <summary>Grains called most. Belongs to the shard's thread, but for reading.</summary>
    public HotGrains Hot { get; } = new();

    /// <summary>Tokens that end activations and deactivations that take too long. Belongs to the shard's thread.</summary>
    public Deadlines Deadlines { get; } = new();

    /// <summary>Ends the calls of this shard that are overdue while one turn holds up its thread, which would do it otherwise. Any thread but that one.</summary>
    public void EndOverdue(long nowMs, long usualLimitMs)
    {
        if (Current is not { } current) return;
        var holder = current.Description;
        EndCalls(call => call.EndHeldUp(nowMs, usualLimitMs, text => new TimeoutException($"{text}: the thread of its shard is held up by {holder}, which blocks it or computes; await instead.")));
    }

    public void Enqueue(WorkItem item)
    {
        Interlocked.Increment(ref _queued.Value);
        _queue.Enqueue(item);
        if (_sleeping != 0 && Interlocked.Exchange(ref _sleeping, 0) != 0) _wake.Set();
        // Either the thread that ended saw the item, or we see that it has ended: queueing is a full fence.
        if (_ended) DropRest();
    }

    /// <summary>Runs what is queued, then ends the thread. What is queued afterwards is dropped: calls fail.</summary>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        // A grain that blocks its thread for ever must not keep the process from ending; the thread is a background one.
        if (!IsCurrent && !_thread.Join(s_patience))
        {
            EndCalls(EndWithHost);
            return;
        }

        _wake.Dispose();
    }

    private static void EndWithHost(GrainCallBase call) =>
        call.EndHeldUp(null, 0, text => new ObjectDisposedException(nameof(IGrainFactory), $"{text} stopped."));

    private void EndCalls(Action<GrainCallBase> end)
    {
        if (Current is GrainCallBase running) end(running);
        Busy.Peek(grain => grain.PeekCalls(end));
        _queue.Peek(
            item =>
            {
                if (item is GrainCallBase call) end(call);
            },
            Depth + 1);
    }

    private void DropRest()
    {
        while (true)
        {
            WorkItem? item;
            lock (_dropping) // the queue has one consumer
            {
                if (_queue.IsEmpty) return;
                item = _queue.TryDequeue();
            }

            if (item is null) Thread.SpinWait(1); // its producer is between its two steps
            else item.Drop(); // not within the lock: it may queue to another shard that has ended
        }
    }

    private void Loop()
    {
        var spins = 0;
        var answered = false;
        while (true)
        {
            if (_queue.TryDequeue() is { } item)
            {
                spins = 0;
                _current = item;
                item.Run();
                _turns.Value++;
                continue;
            }

            _current = null;
            if (_stopping && _queue.IsEmpty)
            {
                // What is suspended or waits will never end; its callers must not wait for ever. They may be grains of this shard, which then go on once more.
                if (!answered)
                {
                    answered = true;
                    Busy.Peek(static grain => grain.PeekCalls(EndWithHost));
                    continue;
                }

                _ended = true;
                Interlocked.MemoryBarrier();
                DropRest();
                return;
            }

            if (spins++ < SpinsBeforeSleep)
            {
                Thread.SpinWait(20);
                continue;
            }

            // Say that we sleep, then look once more: a producer that queued before it could see the flag is not missed.
            Turn.Current = null;
            _wake.Reset();
            Interlocked.Exchange(ref _sleeping, 1);
            if (_queue.IsEmpty && !_stopping) _wake.Wait();
            _sleeping = 0;
            spins = 0;
        }
    }
}
