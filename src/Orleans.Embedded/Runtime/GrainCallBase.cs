using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace Orleans.Runtime;

/// <summary>
/// One call on its way to a grain and back. Instances are pooled: a call owns its object until the caller has taken the result.
/// The completion goes to the context that awaits it (a grain's shard, for instance) or, when there is none, to the thread pool.
/// </summary>
public abstract class GrainCallBase : WorkItem, IThreadPoolWorkItem
{
    private static readonly Action<object?> s_completed = static _ => throw new InvalidOperationException("A completed call has no continuation.");
    private static readonly SendOrPostCallback s_runContinuation = static state => ((GrainCallBase)state!).RunContinuation();

    private Activation? _target;
    private Action<object?>? _continuation;
    private object? _continuationState;
    private SynchronizationContext? _context;
    private ExceptionDispatchInfo? _error;
    private short _version;
    private volatile bool _done;

    /// <summary>Runs the call on the grain.</summary>
    /// <returns>False when the method suspended; the activation is then busy until it ends.</returns>
    internal abstract bool Invoke(object grain);

    internal sealed override void Run() => _target!.Execute(this);

    internal void Redirect(Activation target)
    {
        _target = target;
        target.Shard.Enqueue(this);
    }

    internal void Fail(Exception exception)
    {
        _error = ExceptionDispatchInfo.Capture(exception);
        Complete();
    }

    void IThreadPoolWorkItem.Execute() => RunContinuation();

    private protected short Start(Activation target)
    {
        _target = target;
        var version = _version;
        target.Shard.Enqueue(this);
        return version;
    }

    private protected Activation Target => _target!;

    private protected void Complete()
    {
        _done = true;
        var continuation = Volatile.Read(ref _continuation);
        if (continuation is null) continuation = Interlocked.CompareExchange(ref _continuation, s_completed, null);
        if (continuation is null) return; // nobody waits yet: OnCompleted will see that it is over
        if (_context is { } context) context.Post(s_runContinuation, this);
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private protected ValueTaskSourceStatus StatusOf(short token)
    {
        Check(token);
        // Not before the completing thread has left its mark: until then it may still touch this object, which a taker would recycle.
        if (!_done || Volatile.Read(ref _continuation) is null) return ValueTaskSourceStatus.Pending;
        return _error is null ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Faulted;
    }

    private protected void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        Check(token);
        _continuationState = state;
        _context = (flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0 ? SynchronizationContext.Current : null;
        if (Interlocked.CompareExchange(ref _continuation, continuation, null) is null) return;
        // It was over before we could wait for it.
        _continuation = continuation;
        if (_context is { } context) context.Post(s_runContinuation, this);
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    /// <summary>Throws the call's exception, if it had one, and makes the object ready for its next use.</summary>
    private protected ExceptionDispatchInfo? Take(short token)
    {
        Check(token);
        var error = _error;
        _version++;
        _done = false;
        _error = null;
        _target = null;
        _continuation = null;
        _continuationState = null;
        _context = null;
        return error;
    }

    private void Check(short token)
    {
        if (token != _version) throw new InvalidOperationException("The result of a grain call was taken twice; a ValueTask may be awaited once.");
    }

    private void RunContinuation()
    {
        // Taking the result returns this object to its pool, so nothing of it may be touched afterwards.
        _continuation!(_continuationState);
    }
}
