namespace Orleans.Runtime;

/// <summary>A grain that is called often.</summary>
/// <param name="Share">Part of the sampled calls, 0 to 1.</param>
public sealed record HotGrainInsight(string Grain, double Share);
