using System.Threading.Tasks.Sources;

// IsCompleted is checked before each result is taken; the analyzer does not see through the early return.
#pragma warning disable CA2012

namespace Orleans.Runtime;

/// <summary>A call without a result. Generated code derives one class per method, which holds the arguments.</summary>
public abstract class GrainCall : GrainCallBase, IValueTaskSource
{
    private Action? _onSuspendedEnded;
    private ValueTask _suspended;

    /// <summary>Calls the method on the grain.</summary>
    protected abstract ValueTask InvokeOn(object grain);

    internal ValueTask Send(Activation target) => new(this, Start(target));

    /// <summary>Sends a call that answers nothing; the object goes back to its pool by itself.</summary>
    internal void SendOneWay(Activation target) => Start(target);

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

            pending.GetAwaiter().GetResult();
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

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => StatusOf(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token)
    {
        var (error, isFree) = Take(token);
        if (isFree) Recycle();
        error?.Throw();
    }

    private void OnSuspendedEnded()
    {
        var activation = Target;
        var suspended = _suspended;
        _suspended = default;
        activation.Leave(this);
        try
        {
            suspended.GetAwaiter().GetResult();
            Complete();
        }
        catch (Exception exception)
        {
            Throw(exception);
        }

        activation.OnCallEnded();
    }
}
