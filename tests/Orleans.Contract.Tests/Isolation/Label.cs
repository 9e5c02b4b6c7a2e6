namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Never changed once made, and says so.</summary>
[GenerateSerializer, Immutable]
[Alias("SmartCity.Contract.Label")]
public sealed record Label([property: Id(0)] string Text);
