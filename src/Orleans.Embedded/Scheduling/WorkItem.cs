namespace Orleans.Runtime;

/// <summary>Something a shard runs: a call or a continuation. The link makes queues without nodes.</summary>
public abstract class WorkItem
{
    internal WorkItem? Next;

    /// <summary>What it is, for a log line about a shard that does not get on.</summary>
    internal virtual string Description => GetType().Name;

    internal abstract void Run();

    /// <summary>It will not be run: the shard has ended.</summary>
    internal virtual void Drop()
    {
    }
}
