namespace Orleans.Runtime;

/// <summary>What few activations need.</summary>
internal sealed class ActivationExtras
{
    private List<GrainTimer>? _timers;
    private int _load;

    /// <summary>Chains of calls that may interleave.</summary>
    public List<CallChain> Sections { get; } = [];

    /// <summary>Why the grain leaves.</summary>
    public DeactivationReason Reason { get; set; }

    /// <summary>Persistent states to be read before activation; null without any.</summary>
    public List<IActivationState>? States { get; set; }

    /// <summary>Set on the activation that stands for all workers of a key.</summary>
    public WorkerSet? Workers { get; set; }

    /// <summary>Set on a worker: the activation that stands for it.</summary>
    public Activation? Anchor { get; set; }

    /// <summary>Calls sent to this worker that have not ended. Any thread.</summary>
    public int Load => Volatile.Read(ref _load);

    /// <summary>Counts a call if there is none. Any thread.</summary>
    public bool TryBeginFirstLoad() => Interlocked.CompareExchange(ref _load, 1, 0) == 0;

    /// <summary>Counts one more call. Any thread.</summary>
    public void BeginLoad() => Interlocked.Increment(ref _load);

    public void EndLoad() => Interlocked.Decrement(ref _load);

    public void Add(GrainTimer timer) => (_timers ??= []).Add(timer);

    public void Remove(GrainTimer timer) => _timers?.Remove(timer);

    public void StopTimers()
    {
        foreach (var timer in _timers?.ToArray() ?? []) timer.Dispose();
    }
}
