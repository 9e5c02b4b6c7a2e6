// The source has no timer and no wait handle, so there is nothing to dispose; and the grain may keep its token.
#pragma warning disable CA1001

namespace Orleans.Runtime;

/// <summary>
/// Carries a caller's cancellation to the grain: the caller's call ends at once, and the token that the grain sees is cancelled in a turn of the grain,
/// so that what it registered runs where its state is safe.
/// </summary>
internal sealed class CallCancellation(CancellationToken callers)
{
    private readonly CancellationTokenSource _source = new();
    private CancellationTokenRegistration _registration;

    public CancellationToken Token => _source.Token;

    /// <summary>Begins to listen.</summary>
    /// <returns>False when the caller's token is cancelled already: the call has ended and is not to be sent.</returns>
    public bool TryBegin(GrainCallBase call)
    {
        if (callers.IsCancellationRequested)
        {
            call.TryAbandon(new OperationCanceledException(callers));
            return false;
        }

        _registration = callers.UnsafeRegister(
            static (state, token) =>
            {
                var call = (GrainCallBase)state!;
                if (call.TryAbandon(new OperationCanceledException(token))) call.CancelToken();
            },
            call);
        return true;
    }

    public void CancelIn(Activation grain) => grain.Post(static state => ((CancellationTokenSource)state!).Cancel(), _source);

    public void End() => _registration.Unregister();
}
