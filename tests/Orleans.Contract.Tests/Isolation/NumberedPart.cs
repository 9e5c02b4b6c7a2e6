namespace SmartCity.Orleans.Contract.Tests;

[GenerateSerializer]
[Alias("SmartCity.Contract.NumberedPart")]
public sealed class NumberedPart : Part
{
    [Id(0)]
    public int Number { get; set; }
}
