using System.Threading.Tasks.Sources;

// IsCompleted is checked before each result is taken; the analyzer does not see through the early return.
#pragma warning disable CA2012

namespace Orleans.Runtime;

/// <summary>A call with a result. Generated code derives one class per method, which holds the arguments.</summary>
public abstract class GrainCall<TResult> : GrainCallBase, IValueTaskSource<TResult>
{
    private Action? _onSuspendedEnded;
    private ValueTask<TResult> _suspended;
    private TResult? _result;

    /// <summary>Calls the method on the grain.</summary>
    protected abstract ValueTask<TResult> InvokeOn(object grain);

    /// <summary>What the caller gets: a copy, unless the result cannot change.</summary>
    protected virtual TResult CopyResult(TResult result) => result;

    internal ValueTask<TResult> Send(Activation target) => new(this, Start(target));

    internal sealed override bool Invoke(object grain)
    {
        try
        {
            var pending = InvokeOn(grain);
            if (!pending.IsCompleted)
            {
                _suspended = pending;
                pending.GetAwaiter().UnsafeOnCompleted(_onSuspendedEnded ??= OnSuspendedEnded);
                return false;
            }

            _result = CopyResult(pending.GetAwaiter().GetResult());
        }
        catch (Exception exception)
        {
            Target.OnTurnTaken();
            Throw(exception);
            return true;
        }

        Target.OnTurnTaken(); // before its caller can go on and look for an idle worker
        Complete();
        return true;
    }

    ValueTaskSourceStatus IValueTaskSource<TResult>.GetStatus(short token) => StatusOf(token);

    void IValueTaskSource<TResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        OnCompleted(continuation, state, token, flags);

    TResult IValueTaskSource<TResult>.GetResult(short token)
    {
        var (error, isFree) = Take(token);
        if (!isFree && error is not null) error.Throw();
        var result = _result!;
        _result = default;
        if (isFree) Recycle();
        error?.Throw();
        return result;
    }

    private void OnSuspendedEnded()
    {
        var activation = Target;
        var suspended = _suspended;
        _suspended = default;
        activation.Leave(this);
        try
        {
            _result = CopyResult(suspended.GetAwaiter().GetResult());
            Complete();
        }
        catch (Exception exception)
        {
            Throw(exception);
        }

        activation.OnCallEnded();
    }
}
