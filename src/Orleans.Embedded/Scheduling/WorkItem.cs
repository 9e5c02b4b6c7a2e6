namespace Orleans.Runtime;

/// <summary>Something a shard runs: a call or a continuation. The link makes queues without nodes.</summary>
public abstract class WorkItem
{
    internal WorkItem? Next;

    internal abstract void Run();
}
