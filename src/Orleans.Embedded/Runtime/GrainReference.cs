namespace Orleans.Runtime;

/// <summary>Base of the generated references: knows the grain's type and key and remembers its activation.</summary>
public abstract class GrainReference : IAddressable
{
    private Activation _activation;

    protected GrainReference(GrainTarget target) => _activation = target.Activation;

    internal Activation Activation => _activation;

    public override string ToString() => _activation.ToString();

    /// <summary>Queues a call and returns its completion.</summary>
    protected ValueTask Send(GrainCall call) => call.Send(Target());

    /// <summary>Queues a call and returns its result.</summary>
    protected ValueTask<TResult> Send<TResult>(GrainCall<TResult> call) => call.Send(Target());

    /// <summary>Queues a call that nobody waits for.</summary>
    protected void SendOneWay(GrainCall call) => call.SendOneWay(Target());

    private Activation Target()
    {
        // An activation that failed or was collected is replaced by a new one under the same key.
        if (_activation.IsDead) _activation = _activation.Type.GetOrCreate(_activation.Key);
        return _activation.Workers is { } workers ? workers.Pick() : _activation;
    }
}
