namespace Orleans.Runtime;

/// <summary>What an await in a grain posts: the rest of a method, to be run as a turn of that grain.</summary>
internal sealed class Continuation(Activation activation, SendOrPostCallback callback, object? state) : WorkItem
{
    internal override void Run()
    {
        SynchronizationContext.SetSynchronizationContext(activation);
        try
        {
            callback(state);
        }
        catch (Exception exception)
        {
            // Only code outside any call gets here (async void); the shard must live on.
            activation.Type.Runtime.OnUnobserved(activation, exception);
        }
    }
}
