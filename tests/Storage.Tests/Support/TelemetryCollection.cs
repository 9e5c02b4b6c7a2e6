namespace SmartCity.Storage.Tests;

/// <summary>Runs alone: the meter is one for the process, and its tests count exactly.</summary>
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
public sealed class TelemetryCollection;
