namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Mutable, although its base is not.</summary>
[GenerateSerializer]
[Alias("SmartCity.Contract.Route")]
public sealed class Route : Origin
{
    [Id(0)]
    public List<int> Stops { get; set; } = [];
}
