using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace SmartCity.Silo;

/// <summary>
/// Prometheus text exposition format 0.0.4 of OpenTelemetry metrics, named as the OpenTelemetry compatibility specification says:
/// dots become underscores, the unit becomes a suffix, counters end in <c>_total</c>.
/// </summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _named = [];

    public void Append(Metric metric)
    {
        var isCounter = metric.MetricType is MetricType.LongSum or MetricType.DoubleSum;
        var isHistogram = metric.MetricType == MetricType.Histogram;
        if (metric.MetricType is MetricType.ExponentialHistogram) return; // no meter of ours makes them, and format 0.0.4 has none
        var name = NameOf(metric.Name, metric.Unit, isCounter);
        // Two meters may have an instrument of one name; the format allows its header once.
        if (_named.Add(name))
        {
            if (metric.Description.Length > 0) _text.Append("# HELP ").Append(name).Append(' ').Append(metric.Description.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
            _text.Append("# TYPE ").Append(name).Append(isCounter ? " counter\n" : isHistogram ? " histogram\n" : " gauge\n");
        }

        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            if (isHistogram) AppendHistogram(name, point);
            else AppendSample(name, point.Tags, null, ValueOf(metric.MetricType, point));
        }
    }

    public override string ToString() => _text.ToString();

    private static double ValueOf(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        _ => point.GetGaugeLastValueDouble(),
    };

    private static string NameOf(string name, string unit, bool isCounter)
    {
        var result = new StringBuilder(name.Length + 16);
        foreach (var c in name) result.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or ':' ? c : '_');
        var suffix = unit switch { "s" => "seconds", "ms" => "milliseconds", "By" => "bytes", "1" or "" => null, _ => unit.StartsWith('{') ? null : unit };
        if (suffix is not null && suffix.All(char.IsAsciiLetter) && !result.ToString().EndsWith("_" + suffix, StringComparison.Ordinal)) result.Append('_').Append(suffix);
        if (isCounter && !result.ToString().EndsWith("_total", StringComparison.Ordinal)) result.Append("_total");
        return result.ToString();
    }

    private void AppendHistogram(string name, in MetricPoint point)
    {
        long cumulative = 0;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            cumulative += bucket.BucketCount;
            AppendSample(name + "_bucket", point.Tags, double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : bucket.ExplicitBound.ToString(CultureInfo.InvariantCulture), cumulative);
        }

        AppendSample(name + "_sum", point.Tags, null, point.GetHistogramSum());
        AppendSample(name + "_count", point.Tags, null, point.GetHistogramCount());
    }

    private void AppendSample(string name, in ReadOnlyTagCollection tags, string? le, double value)
    {
        _text.Append(name);
        var separator = '{';
        foreach (var tag in tags)
        {
            _text.Append(separator);
            foreach (var c in tag.Key) _text.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_');
            _text.Append("=\"").Append(Escape(Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? string.Empty)).Append('"');
            separator = ',';
        }

        if (le is not null)
        {
            _text.Append(separator).Append("le=\"").Append(le).Append('"');
            separator = ',';
        }

        if (separator == ',') _text.Append('}');
        _text.Append(' ').Append(double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
