namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A state of a grain.</summary>
[GenerateSerializer]
[Alias("SmartCity.Contract.Profile")]
public sealed class Profile
{
    [Id(0)]
    public string Name { get; set; } = "new";

    [Id(1)]
    public List<int> Values { get; set; } = [];
}
