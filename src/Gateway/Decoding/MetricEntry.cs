namespace SmartCity.Gateway;

/// <summary>A metric name of a kind, interned, with its valid range.</summary>
internal sealed class MetricEntry(string name, byte[] utf8Name, MetricInfo? info, int index)
{
    /// <summary>Largest magnitude of any value. Squares and sums of larger ones overflow, and one device would make its areas' statistics NaN.</summary>
    public const double Largest = 1e100;

    public string Name { get; } = name;

    public byte[] Utf8Name { get; } = utf8Name;

    /// <summary>What the catalogue says; null for a metric it does not know.</summary>
    public MetricInfo? Info { get; } = info;

    /// <summary>Place in the tallies of the kind.</summary>
    public int Index { get; } = index;

    /// <summary>Never beyond ±<see cref="Largest"/>.</summary>
    public double Min { get; } = Math.Max(info?.Min ?? -Largest, -Largest);

    public double Max { get; } = Math.Min(info?.Max ?? Largest, Largest);

    /// <summary>Number of the last object that had the metric, to notice a name that is there twice.</summary>
    public long LastObject { get; set; }
}
