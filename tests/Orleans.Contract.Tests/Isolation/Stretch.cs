namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A struct with something mutable in it.</summary>
[GenerateSerializer]
[Alias("SmartCity.Contract.Stretch")]
public struct Stretch
{
    [Id(0)]
    public int[]? Metres { get; set; }
}
