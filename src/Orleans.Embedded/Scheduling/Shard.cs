namespace Orleans.Runtime;

/// <summary>One thread that runs the turns of its grains, one at a time.</summary>
internal sealed class Shard : IDisposable
{
    private const int SpinsBeforeSleep = 50;

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
        if (!IsCurrent && !_thread.Join(s_patience)) return;
        _wake.Dispose();
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
