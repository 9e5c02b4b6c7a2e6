namespace Orleans.Concurrency;

/// <summary>Grains of this class keep nothing between calls, so that several activations of one key may work at once.</summary>
/// <param name="maxLocalWorkers">Most activations of one key; −1 for one per core.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StatelessWorkerAttribute(int maxLocalWorkers = -1) : Attribute
{
    public int MaxLocalWorkers { get; } = maxLocalWorkers;
}
