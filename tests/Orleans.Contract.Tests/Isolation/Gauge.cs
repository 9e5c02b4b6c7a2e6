namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Its value crosses by the property, which keeps it in a field of its own.</summary>
[GenerateSerializer]
[Alias("SmartCity.Contract.Gauge")]
public sealed class Gauge
{
    [NonSerialized]
    private int _value;

    [Id(0)]
    public int Value
    {
        get => _value;
        set => _value = Math.Abs(value);
    }
}
