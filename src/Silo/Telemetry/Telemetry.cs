using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace SmartCity.Silo;

/// <summary>Keeps the providers alive from start to stop and lets one scrape at a time read the meters.</summary>
internal sealed class Telemetry(MeterProvider? metrics, TracerProvider? traces, PrometheusExporter exporter) : IHostedService, IDisposable
{
    private readonly Lock _lock = new();

    /// <summary>All meters in Prometheus text format.</summary>
    public string Scrape()
    {
        lock (_lock)
        {
            exporter.Collect?.Invoke(Timeout.Infinite);
            return exporter.Text;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Flushes what is not exported yet.</summary>
    public void Dispose()
    {
        traces?.Dispose();
        metrics?.Dispose();
    }
}
