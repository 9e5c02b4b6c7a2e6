namespace Orleans.Runtime;

/// <summary>How a grain timer behaves.</summary>
public readonly struct GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
{
    /// <summary>Until the first tick; <see cref="Timeout.InfiniteTimeSpan"/> for a timer that waits for <see cref="IGrainTimer.Change"/>.</summary>
    public TimeSpan DueTime { get; init; } = dueTime;

    /// <summary>From the end of a tick to the next; <see cref="Timeout.InfiniteTimeSpan"/> for one tick only.</summary>
    public TimeSpan Period { get; init; } = period;

    /// <summary>True when ticks may run while calls of the grain are suspended. Default false: a tick waits its turn like a call.</summary>
    public bool Interleave { get; init; }

    /// <summary>True when a tick keeps the grain from being idle. Default false.</summary>
    public bool KeepAlive { get; init; }
}
