namespace Orleans.Runtime;

/// <summary>Upkeep that a shard does between turns: it belongs to no grain.</summary>
internal sealed class ShardWork(Action action) : WorkItem
{
    internal override void Run()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        Turn.Current = null;
        action();
    }
}
