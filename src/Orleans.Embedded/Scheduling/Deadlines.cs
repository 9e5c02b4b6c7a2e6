namespace Orleans.Runtime;

/// <summary>Cancellation tokens that end together: activations that begin within the same second share one, so that a million of them need no timers.</summary>
internal sealed class Deadlines
{
    private const long GrainMs = 1000;

    private readonly Queue<(long DueMs, CancellationTokenSource Source)> _pending = new();
    private readonly Dictionary<long, CancellationTokenSource> _byDue = [];

    /// <summary>A token that is cancelled <paramref name="timeout"/> from now, to about a second.</summary>
    public CancellationToken After(TimeSpan timeout, long nowMs)
    {
        if (timeout == Timeout.InfiniteTimeSpan) return CancellationToken.None;
        var due = ((nowMs + (long)timeout.TotalMilliseconds) / GrainMs * GrainMs) + GrainMs;
        if (_byDue.TryGetValue(due, out var known)) return known.Token;
        var source = new CancellationTokenSource();
        _byDue[due] = source;
        _pending.Enqueue((due, source));
        return source.Token;
    }

    public void Expire(long nowMs)
    {
        // Two time-outs of different length may stand in the wrong order; the later of them then waits for the earlier.
        while (_pending.TryPeek(out var first) && first.DueMs <= nowMs)
        {
            _pending.Dequeue();
            _byDue.Remove(first.DueMs);
            first.Source.Cancel();
        }
    }
}
