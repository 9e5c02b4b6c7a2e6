namespace SmartCity.Gateway;

/// <summary>A metric name of a kind, interned, with its valid range.</summary>
internal sealed class MetricEntry(string name, byte[] utf8Name, MetricInfo? info, int index)
{
    public string Name { get; } = name;

    public byte[] Utf8Name { get; } = utf8Name;

    /// <summary>What the catalogue says; null for a metric it does not know.</summary>
    public MetricInfo? Info { get; } = info;

    /// <summary>Place in the tallies of the kind.</summary>
    public int Index { get; } = index;

    public double Min { get; } = info?.Min ?? double.NegativeInfinity;

    public double Max { get; } = info?.Max ?? double.PositiveInfinity;
}
