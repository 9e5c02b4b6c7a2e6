namespace Orleans.Runtime;

/// <summary>One thread that runs the turns of its grains, one at a time.</summary>
internal sealed class Shard : IDisposable
{
    private const int SpinsBeforeSleep = 50;

    private readonly WorkQueue _queue = new();
    private readonly ManualResetEventSlim _wake = new(false, spinCount: 0);
    private readonly Thread _thread;
    private volatile int _sleeping;
    private volatile bool _stopping;
    private long _turns;

    public Shard(int index)
    {
        Index = index;
        _thread = new Thread(Loop) { IsBackground = true, Name = $"grains {index}" };
        _thread.Start();
    }

    public int Index { get; }

    /// <summary>Turns run so far.</summary>
    public long Turns => Volatile.Read(ref _turns);

    public bool IsCurrent => Thread.CurrentThread == _thread;

    public void Enqueue(WorkItem item)
    {
        _queue.Enqueue(item);
        if (_sleeping != 0 && Interlocked.Exchange(ref _sleeping, 0) != 0) _wake.Set();
    }

    /// <summary>Runs what is queued, then ends the thread.</summary>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        if (!IsCurrent) _thread.Join();
        _wake.Dispose();
    }

    private void Loop()
    {
        var spins = 0;
        while (true)
        {
            if (_queue.TryDequeue() is { } item)
            {
                spins = 0;
                _turns++;
                item.Run();
                continue;
            }

            if (_stopping && _queue.IsEmpty) return;
            if (spins++ < SpinsBeforeSleep)
            {
                Thread.SpinWait(20);
                continue;
            }

            // Say that we sleep, then look once more: a producer that queued before it could see the flag is not missed.
            _wake.Reset();
            Interlocked.Exchange(ref _sleeping, 1);
            if (_queue.IsEmpty && !_stopping) _wake.Wait();
            _sleeping = 0;
            spins = 0;
        }
    }
}
