namespace SmartCity.Simulators;

/// <summary>One event of a scenario, as it took place.</summary>
/// <param name="Units">Units it happened to; empty: all.</param>
public sealed record TruthEvent(string Kind, DateTimeOffset From, DateTimeOffset To, double Strength, IReadOnlyList<string> Units);
