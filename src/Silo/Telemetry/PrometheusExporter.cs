using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace SmartCity.Silo;

/// <summary>Turns each collection into Prometheus text. Pulled by <c>/metrics</c>.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    public Func<int, bool>? Collect { get; set; }

    /// <summary>Text of the last collection.</summary>
    public string Text { get; private set; } = string.Empty;

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var text = new PrometheusText();
        foreach (var metric in batch) text.Append(metric);
        Text = text.ToString();
        return ExportResult.Success;
    }
}
