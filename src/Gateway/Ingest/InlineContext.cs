namespace SmartCity.Gateway;

/// <summary>
/// Runs continuations where the awaited call ends. The pump's continuations only count and recycle, so running them on a grain's thread costs
/// less than sending them anywhere else.
/// </summary>
internal sealed class InlineContext : SynchronizationContext
{
    public override SynchronizationContext CreateCopy() => this;

    public override void Post(SendOrPostCallback d, object? state) => d(state);

    public override void Send(SendOrPostCallback d, object? state) => d(state);
}
