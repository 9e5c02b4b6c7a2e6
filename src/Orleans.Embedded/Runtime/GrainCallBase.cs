using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>
/// One call on its way to a grain and back. Instances are pooled: a call owns its object until the caller has taken the result.
/// The completion goes to the context that awaits it (a grain's shard, for instance) or, when there is none, to the thread pool.
/// A caller that gives up (time-out, cancellation) abandons the object to the grain, and it is not used again.
/// </summary>
public abstract class GrainCallBase : WorkItem, IThreadPoolWorkItem
{
    private const long NotSent = long.MaxValue;
    private const int Open = 0;
    private const int Completed = 1;
    private const int Abandoned = 2;
    private const int StateBits = 2;
    private const int StateMask = (1 << StateBits) - 1;

    private static readonly Action<object?> s_completed = static _ => throw new InvalidOperationException("A completed call has no continuation.");
    private static readonly SendOrPostCallback s_runContinuation = static state => ((GrainCallBase)state!).RunContinuation();

    private Activation? _target;
    private Action<object?>? _continuation;
    private object? _continuationState;
    private SynchronizationContext? _context;
    private ExceptionDispatchInfo? _error;
    private GrainCallBase? _caller;
    private GrainCallBase? _callee;
    private CallCancellation? _cancellation;
    private int _claim; // how the call has ended, below the version that it is true of
    private long _sentMs = NotSent;
    private short _version;
    private short _callerVersion;
    private short _calleeVersion;
    private volatile bool _done;

    /// <summary>The method that is called.</summary>
    public abstract GrainMethod Method { get; }

    internal override string Description => _target is { } target ? $"{Method.Name} on {target}" : Method.Name;

    /// <summary>Neighbour in the list of suspended calls of an activation; the other one is <see cref="WorkItem.Next"/>.</summary>
    internal GrainCallBase? Previous { get; set; }

    /// <summary>When it was sent, or began to be timed; milliseconds of the runtime's clock.</summary>
    internal long SentMs => Volatile.Read(ref _sentMs);

    /// <summary>Stopwatch time at which its timing began; 0 when it is not timed.</summary>
    internal long StartedAt { get; set; }

    /// <summary>What lets calls come back into grains that allow it; null when nothing does.</summary>
    internal CallChain? Chain { get; set; }

    internal short Version => _version;

    /// <summary>True when the caller has its answer, or no longer waits for one.</summary>
    internal bool IsClaimed => (Volatile.Read(ref _claim) & StateMask) != Open;

    /// <summary>True for a call that does not keep an idle grain in memory: the tick of a timer.</summary>
    internal virtual bool IsBackground => false;

    /// <summary>True for a call that only its activation can run: it is neither handed to the next one nor ended when it takes long.</summary>
    internal virtual bool DiesWithActivation => false;

    /// <summary>The grain that made the call; null for a client, and when it has given up meanwhile.</summary>
    internal GrainCallBase? Caller => _caller is { } caller && caller._version == _callerVersion ? caller : null;

    /// <summary>The call that this one made last, while its answer was not taken; for messages only.</summary>
    internal GrainCallBase? Callee => _callee is { } callee && callee._version == _calleeVersion ? callee : null;

    /// <summary>What was said of a call that this one made and that was overdue; null without any. For messages only.</summary>
    internal string? OverdueCallee { get; set; }

    internal Activation? TargetOrNull => _target;

    private protected Activation Target => _target!;

    private bool IsOneWay => (Method.Options & GrainMethodOptions.OneWay) != 0;

    /// <summary>Runs the call on the grain.</summary>
    /// <returns>False when the method suspended; the activation then counts it among its suspended calls until it ends.</returns>
    internal abstract bool Invoke(object grain);

    internal sealed override void Run() => _target!.Execute(this);

    internal sealed override void Drop() => Fail(new ObjectDisposedException(
        nameof(IGrainFactory), $"{Description} was not called: the grain host has stopped. Call grains before it stops; a hosted service that is added after UseOrleans stops before it."));

    internal void Redirect(Activation target)
    {
        _target = target;
        target.Shard.Enqueue(this);
    }

    /// <summary>The call is another activation's now, which is about to take it.</summary>
    internal void Retarget(Activation target) => _target = target;

    /// <summary>The grain threw.</summary>
    private protected void Throw(Exception exception)
    {
        // A grain that works with a state that somebody else has replaced must not go on with it.
        if (exception is InconsistentStateException) _target!.RequestDeactivation(new(DeactivationReasonCode.ApplicationError, exception.Message));
        Fail(exception);
    }

    internal void Fail(Exception exception)
    {
        if (!TryClaim(Completed)) return;
        _error = ExceptionDispatchInfo.Capture(exception);
        Signal();
    }

    /// <summary>Ends the call for its caller, whatever the grain does with it.</summary>
    internal bool TryAbandon(Exception exception)
    {
        if (!TryClaim(Abandoned)) return false;
        _error = ExceptionDispatchInfo.Capture(exception);
        Signal();
        return true;
    }

    /// <summary>
    /// Ends the call for its caller if it is overdue, or whatever its age; for a thread other than the shard's, while that one is held up. The object may be another call's
    /// at any moment: what is read first is of one version, and the end counts for that one only.
    /// </summary>
    /// <param name="nowMs">Time of the runtime's clock; null ends it whatever its age.</param>
    internal void EndHeldUp(long? nowMs, long usualLimitMs, Func<string, Exception> because)
    {
        var seen = Volatile.Read(ref _claim);
        if ((seen & StateMask) != Open || _target is not { } target || IsOneWay || DiesWithActivation) return;
        var limitMs = Method.ResponseTimeoutMs ?? usualLimitMs;
        var sent = SentMs;
        if (sent == NotSent || nowMs - sent <= limitMs) return;
        var text = nowMs is null ? $"{Method.Name} on {target} did not end before the grain host" : $"{Method.Name} on {target} did not answer within {TimeSpan.FromMilliseconds(limitMs)}";
        var exception = because(text);
        if (Interlocked.CompareExchange(ref _claim, seen | Abandoned, seen) != seen) return;
        _error = ExceptionDispatchInfo.Capture(exception);
        Signal();
    }

    /// <summary>Tells the grain that nobody waits any more, if its method takes a token.</summary>
    internal void CancelToken() => _cancellation?.CancelIn(_target!);

    void IThreadPoolWorkItem.Execute() => RunContinuation();

    /// <summary>For generated code: the token that the grain sees instead of the caller's. It is cancelled as a turn of the grain.</summary>
    protected CancellationToken Accept(CancellationToken token) => (_cancellation = new(token)).Token;

    /// <summary>Forgets the arguments and returns the object to its pool.</summary>
    protected abstract void Recycle();

    private protected short Start(Activation target)
    {
        var version = _version;
        _target = target;
        if (Turn.Current is { } caller)
        {
            _caller = caller;
            _callerVersion = caller._version;
            Chain = caller.Chain;
            caller._callee = this;
            caller._calleeVersion = version;
        }

        Volatile.Write(ref _sentMs, target.Type.Runtime.NowMs);
        if (_cancellation is { } cancellation && !cancellation.TryBegin(this))
        {
            target.OnTurnTaken();
            return version;
        }

        target.Shard.Enqueue(this);
        return version;
    }

    private protected void Complete()
    {
        if (TryClaim(Completed)) Signal();
    }

    private protected ValueTaskSourceStatus StatusOf(short token)
    {
        Check(token);
        // Not before the completing thread has left its mark: until then it may still touch this object, which a taker would recycle.
        if (!_done || Volatile.Read(ref _continuation) is null) return ValueTaskSourceStatus.Pending;
        return _error is null ? ValueTaskSourceStatus.Succeeded
            : _error.SourceException is OperationCanceledException ? ValueTaskSourceStatus.Canceled : ValueTaskSourceStatus.Faulted;
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

    /// <summary>Gives out the call's exception, if it had one, and makes the object ready for its next use.</summary>
    /// <returns>The exception, and whether the object may go back to its pool: not when the grain or a cancelling thread may still touch it.</returns>
    private protected (ExceptionDispatchInfo? Error, bool IsFree) Take(short token)
    {
        Check(token);
        // Taken while it runs, the object would go back to its pool and be two calls at once.
        if (!IsOneWay && (!_done || Volatile.Read(ref _continuation) is null))
            throw new InvalidOperationException($"The answer of {Method.Name} was asked for before it was there; await the ValueTask, or call AsTask() before waiting for it.");
        var error = _error;
        _version++;
        if ((Volatile.Read(ref _claim) & StateMask) == Abandoned) return (error, false);
        _cancellation?.End();
        var isFree = _cancellation is null;
        _done = false;
        _error = null;
        _target = null;
        _caller = null;
        _callee = null;
        OverdueCallee = null;
        Chain = null;
        _cancellation = null;
        _continuation = null;
        _continuationState = null;
        _context = null;
        StartedAt = 0;
        Volatile.Write(ref _sentMs, NotSent);
        if (isFree) Volatile.Write(ref _claim, OpenClaim); // else a cancelling thread that comes late must find it taken
        return (error, isFree);
    }

    private int OpenClaim => (ushort)_version << StateBits;

    private bool TryClaim(int how)
    {
        var open = OpenClaim;
        return Interlocked.CompareExchange(ref _claim, open | how, open) == open;
    }

    private void Check(short token)
    {
        if (token != _version) throw new InvalidOperationException("The result of a grain call was taken twice; a ValueTask may be awaited once.");
    }

    private void Signal()
    {
        if (IsOneWay)
        {
            EndOneWay();
            return;
        }

        _done = true;
        var continuation = Volatile.Read(ref _continuation);
        if (continuation is null) continuation = Interlocked.CompareExchange(ref _continuation, s_completed, null);
        if (continuation is null) return; // nobody waits yet: OnCompleted will see that it is over
        if (_context is { } context) context.Post(s_runContinuation, this);
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void EndOneWay()
    {
        var target = _target!;
        var (error, isFree) = Take(_version);
        if (error is not null) target.Type.Runtime.OnOneWayFailed(target, Method, error.SourceException);
        if (isFree) Recycle();
    }

    private void RunContinuation()
    {
        // Taking the result returns this object to its pool, so nothing of it may be touched afterwards.
        _continuation!(_continuationState);
    }
}
