using System.Threading.Tasks.Sources;

namespace SmartCity.Mqtt;

/// <summary>Those who wait for a record to become durable. Waiters are pooled: waiting allocates nothing once warm.</summary>
internal sealed class CommitWaiters
{
    private readonly Lock _lock = new();
    private readonly Stack<Waiter> _idle = new();
    private List<Waiter> _waiting = [];
    private List<Waiter> _scratch = [];
    private long _durable;

    /// <summary>Completes when <see cref="Release"/> has reached <paramref name="sequence"/>.</summary>
    public ValueTask WaitAsync(long sequence)
    {
        lock (_lock)
        {
            if (sequence <= _durable) return default;
            var waiter = _idle.Count > 0 ? _idle.Pop() : new Waiter(this);
            waiter.Sequence = sequence;
            _waiting.Add(waiter);
            return new(waiter, waiter.Version);
        }
    }

    /// <summary>Everything up to <paramref name="sequence"/> is durable. Called by one thread.</summary>
    public void Release(long sequence)
    {
        List<Waiter> all;
        lock (_lock)
        {
            _durable = sequence;
            all = _waiting;
            (_waiting, _scratch) = (_scratch, all);
            foreach (var waiter in all)
            {
                if (waiter.Sequence > sequence) _waiting.Add(waiter);
            }
        }

        foreach (var waiter in all)
        {
            if (waiter.Sequence <= sequence) waiter.Complete();
        }

        lock (_lock) all.Clear();
    }

    private sealed class Waiter(CommitWaiters owner) : IValueTaskSource
    {
        // Continuations go to the thread pool: the committing thread must commit.
        private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };

        public long Sequence { get; set; }

        public short Version => _core.Version;

        public void Complete() => _core.SetResult(true);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);

        public void GetResult(short token)
        {
            _core.GetResult(token);
            _core.Reset();
            lock (owner._lock) owner._idle.Push(this);
        }
    }
}
