namespace SmartCity.Simulators;

/// <summary>A scenario file: things that happen, and faults.</summary>
/// <param name="Faults">Rates by fault name.</param>
public sealed record Scenario(string Name, IReadOnlyList<ScenarioEvent> Events, IReadOnlyDictionary<string, double> Faults);
