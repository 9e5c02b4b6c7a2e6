using System.Collections.Frozen;

namespace SmartCity.Contracts;

/// <summary>What is known of a kind of device. Kinds that are not listed are welcome: their metrics then have no range.</summary>
public sealed class KindInfo
{
    private readonly FrozenDictionary<string, MetricInfo> _metrics;

    internal KindInfo(string code, string name, string nameEn, string mainMetric, IReadOnlyList<string> required, params MetricInfo[] metrics)
    {
        Code = code;
        Name = name;
        NameEn = nameEn;
        MainMetric = mainMetric;
        Required = required;
        Metrics = metrics;
        _metrics = metrics.ToFrozenDictionary(m => m.Name, StringComparer.Ordinal);
    }

    public string Code { get; }

    /// <summary>Vietnamese name.</summary>
    public string Name { get; }

    public string NameEn { get; }

    /// <summary>The metric that stands for the kind where there is room for one.</summary>
    public string MainMetric { get; }

    /// <summary>Fields that a message of this kind must have.</summary>
    public IReadOnlyList<string> Required { get; }

    public IReadOnlyList<MetricInfo> Metrics { get; }

    public MetricInfo? FindMetric(string name) => _metrics.GetValueOrDefault(name);
}
