namespace Orleans.Runtime;

/// <summary>A timer of a grain. It ends with the activation, or when it is disposed.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Begins anew.</summary>
    /// <param name="dueTime">Until the next tick; <see cref="Timeout.InfiniteTimeSpan"/> stops the timer.</param>
    /// <param name="period">From the end of a tick to the next; <see cref="Timeout.InfiniteTimeSpan"/> for one tick only.</param>
    void Change(TimeSpan dueTime, TimeSpan period);
}
