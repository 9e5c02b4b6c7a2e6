namespace Orleans.Runtime;

/// <summary>Grains of one class.</summary>
/// <param name="Active">In memory now.</param>
/// <param name="Activated">Activations since the start.</param>
/// <param name="ActiveByShard">In memory now, by number of the shard.</param>
public sealed record GrainTypeInsight(string Name, long Active, long Activated, IReadOnlyList<long> ActiveByShard);
