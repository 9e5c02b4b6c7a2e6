using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace SmartCity.Silo;

/// <summary>OpenTelemetry: our meters and activity sources, OTLP when asked for, and <c>/metrics</c> in Prometheus text format.</summary>
internal static class TelemetryExtensions
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private static readonly string[] s_sources = ["SmartCity.*", "Orleans.Embedded"];
    private static readonly string[] s_platformMeters = ["System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Http.Connections"];

    public static IServiceCollection AddSmartCityTelemetry(this IServiceCollection services) => services
        .AddSingleton(provider => Create(provider.GetRequiredService<IConfiguration>()[OtlpEndpoint] is { Length: > 0 }))
        .AddHostedService(provider => provider.GetRequiredService<Telemetry>());

    public static void MapSmartCityTelemetry(this WebApplication app) => app.MapGet("/metrics", async (HttpContext context, Telemetry telemetry) =>
    {
        var text = telemetry.Scrape();
        context.Response.ContentType = PrometheusText.ContentType;
        await context.Response.WriteAsync(text, context.RequestAborted);
    }).ExcludeFromDescription();

    private static Telemetry Create(bool otlp)
    {
        var resource = ResourceBuilder.CreateDefault().AddService("smartcity", serviceVersion: typeof(TelemetryExtensions).Assembly.GetName().Version?.ToString(3));
        var exporter = new PrometheusExporter();
        var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(s_sources).AddMeter(s_platformMeters)
            .AddReader(new BaseExportingMetricReader(exporter));
        if (!otlp) return new(metrics.Build(), null, exporter);
        // Without a collector nobody would see the traces, so they are not made.
        var traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource([.. s_sources, "Microsoft.AspNetCore"]).AddOtlpExporter();
        return new(metrics.AddOtlpExporter().Build(), traces.Build(), exporter);
    }
}
