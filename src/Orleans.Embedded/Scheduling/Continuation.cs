namespace Orleans.Runtime;

/// <summary>What an await in a grain posts: the rest of a method, to be run as a turn of that grain. Pooled.</summary>
internal sealed class Continuation : WorkItem
{
    private GrainContext? _context;
    private SendOrPostCallback? _callback;
    private object? _state;

    public static Continuation Rent(GrainContext context, SendOrPostCallback callback, object? state)
    {
        var item = CallPool<Continuation>.Rent();
        (item._context, item._callback, item._state) = (context, callback, state);
        return item;
    }

    // The thread that asks is another one: each thing is read once.
    internal override string Description => _context is not { } context ? "a continuation"
        : context.Call is { } call ? $"a continuation of {call.Method.Name} on {context.Grain}" : $"a continuation of {context.Grain}";

    internal override void Run()
    {
        var (context, callback, state) = (_context!, _callback!, _state);
        (_callback, _state) = (null, null);
        SynchronizationContext.SetSynchronizationContext(context);
        Turn.Current = context.Call;
        try
        {
            callback(state);
        }
        catch (Exception exception)
        {
            // Only code outside any call gets here (async void); the shard must live on.
            context.Grain.Type.Runtime.OnUnobserved(context.Grain, exception);
        }

        // Not before: while it runs it says whose it is, should it block the thread.
        _context = null;
        CallPool<Continuation>.Return(this);
    }
}
