using System.Globalization;

namespace SmartCity.Grains;

/// <summary>The form of every metric: the catalogue's, and the counters that an operator has declared (<see cref="WindowOptions.Counters"/>).</summary>
public sealed class MetricForms
{
    private readonly Dictionary<(string Kind, string Metric), MetricForm> _declared = [];

    /// <exception cref="ArgumentException">A declaration cannot be read.</exception>
    public MetricForms(WindowOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (var text in Split(options.Counters))
        {
            if (Parse(text) is not { } counter) throw new ArgumentException(Explain(text));
            _declared[(counter.Kind, counter.Metric)] = KindCatalog.FormOf(counter.Kind, counter.Metric) with { IsCounter = true, Rollover = counter.Rollover };
        }
    }

    public MetricForm Of(string kind, string metric) => _declared.Count > 0 && _declared.TryGetValue((kind, metric), out var form) ? form : KindCatalog.FormOf(kind, metric);

    /// <summary>Says which declaration cannot be read, and what would be right; null when all can.</summary>
    internal static string? Validate(string counters)
    {
        var seen = new HashSet<(string, string)>();
        foreach (var text in Split(counters))
        {
            if (Parse(text) is not { } counter) return Explain(text);
            if (!seen.Add((counter.Kind, counter.Metric))) return $"Window:Counters has {counter.Kind}/{counter.Metric} twice; leave one of them.";
        }

        return null;
    }

    private static string[] Split(string counters) => counters.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Explain(string text) =>
        $"Window:Counters has '{text}'; write kind/metric, such as pump/volume, or kind/metric=rollover with the value at which its register begins again, such as pump/volume=100000; a comma between two.";

    private static (string Kind, string Metric, double Rollover)? Parse(string text)
    {
        var (slash, equals) = (text.IndexOf('/', StringComparison.Ordinal), text.LastIndexOf('='));
        var end = equals < 0 ? text.Length : equals;
        if (slash < 1 || end - slash < 2) return null;
        // A name that the gateway takes from no message would be a counter that never counts.
        var (kind, metric) = (text[..slash], text[(slash + 1)..end]);
        if (!kind.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_')) return null;
        if (!metric.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-') || metric is "ts" or "seq" or "lat" or "lon" or "ncgi") return null;
        var rollover = 0.0;
        if (equals >= 0 && !(double.TryParse(text.AsSpan(equals + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out rollover) && double.IsFinite(rollover) && rollover > 0)) return null;
        return (kind, metric, rollover);
    }
}
