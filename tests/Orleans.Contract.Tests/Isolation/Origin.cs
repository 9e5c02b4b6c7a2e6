namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Never changes, but what is derived from it may.</summary>
[GenerateSerializer, Immutable]
[Alias("SmartCity.Contract.Origin")]
public class Origin
{
    [Id(0)]
    public int Year { get; init; }
}
