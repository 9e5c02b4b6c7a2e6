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

#pragma warning disable CA1051 // a public field is kept as well
    [Id(2)]
    public double Level;
#pragma warning restore CA1051
}
