namespace Orleans.Runtime;

/// <summary>The synchronisation context of a grain's turns: what is awaited comes back to the grain's shard, as a turn of the same call.</summary>
internal abstract class GrainContext : SynchronizationContext
{
    public abstract Activation Grain { get; }

    /// <summary>The call that turns in this context belong to; null when it has ended.</summary>
    public abstract GrainCallBase? Call { get; }

    public sealed override SynchronizationContext CreateCopy() => this;

    public sealed override void Post(SendOrPostCallback d, object? state) => Grain.Shard.Enqueue(Continuation.Rent(this, d, state));

    public sealed override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("A grain's turn cannot be entered synchronously; await instead.");
}
