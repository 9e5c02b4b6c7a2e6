namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A mutable part of a message.</summary>
[GenerateSerializer]
[Alias("SmartCity.Contract.Part")]
public class Part
{
    [Id(0)]
    public string Name { get; set; } = "";
}
