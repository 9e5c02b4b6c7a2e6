using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SmartCity.Silo.Tests;

/// <summary>Meters and traces as the field's own tools read them.</summary>
public sealed class ObservabilityTests(SiloFixture fixture) : IClassFixture<SiloFixture>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly SiloProcess _silo = fixture.Silo;

    [Fact]
    public async Task Prometheus_of_Debian_scrapes_the_metrics()
    {
        await PublishAsync(_silo, "scraped");
        var folder = Directory.CreateTempSubdirectory("smartcity-prometheus-").FullName;
        var port = Ports.Next();
        var config = Path.Combine(folder, "prometheus.yml");
        await File.WriteAllTextAsync(config, $"""
            global: {"{"} scrape_interval: 1s, scrape_timeout: 1s {"}"}
            scrape_configs:
              - job_name: smartcity
                static_configs: [{"{"} targets: ['127.0.0.1:{_silo.HttpPort}'] {"}"}]
            """);
        using var prometheus = ChildProcess.Start("prometheus",
            [$"--config.file={config}", $"--storage.tsdb.path={folder}/data", $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]);
        using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
        Assert.Equal(1, await QueryAsync(http, "up{job=\"smartcity\"}", value => value == 1));
        Assert.True(await QueryAsync(http, "smartcity_gateway_messages_total", value => value >= 1) >= 1);
        Assert.True(await QueryAsync(http, "smartcity_intake_commit_seconds_count", value => value >= 1) >= 1);
        await prometheus.KillIfRunningAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Every_part_has_a_meter()
    {
        await PublishAsync(_silo, "metered");
        string[] names =
        [
            "smartcity_gateway_messages_total", "smartcity_intake_records_total", "smartcity_windows_tick_seconds_bucket", "orleans_turns_total", "orleans_activations",
            "smartcity_storage_", "mqtt_publishes_received_total",
        ];
        var text = string.Empty;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        // The first tick that closes windows comes a second after the start.
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < s_patience; await timer.WaitForNextTickAsync())
        {
            text = await _silo.Http.GetStringAsync("/metrics");
            if (names.All(name => text.Contains("\n" + name, StringComparison.Ordinal))) break;
        }

        foreach (var name in names) Assert.Contains("\n" + name, text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length == 0 || line[0] == '#' || line.LastIndexOf(' ') > 0, line));
    }

    [Fact]
    public async Task Metrics_and_traces_go_to_an_OTLP_collector_when_one_is_named()
    {
        var metrics = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var traces = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var port = Ports.Next();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var collector = builder.Build();
        collector.MapPost("/v1/metrics", (HttpRequest request) => TakeAsync(request, metrics));
        collector.MapPost("/v1/traces", (HttpRequest request) => TakeAsync(request, traces));
        await collector.StartAsync();

        await using var silo = await SiloProcess.StartAsync(new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{port}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
        });
        await PublishAsync(silo, "traced");
        await metrics.Task.WaitAsync(s_patience);
        await traces.Task.WaitAsync(s_patience);
    }

    private static async Task<int> TakeAsync(HttpRequest request, TaskCompletionSource taken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        if (body.Length > 0 && request.ContentType == "application/x-protobuf") taken.TrySetResult();
        return 0;
    }

    private static async Task PublishAsync(SiloProcess silo, string device)
    {
        await Peer.PublishAsync(Peer.Mosquitto, "127.0.0.1", silo.MqttPort, "3.1.1", "city/bac/hn/air/" + device, (1, """{"pm25":20.5}"""));
        await silo.WaitForValueAsync(device, "pm25", 20.5);
    }

    /// <summary>Asks Prometheus until the value passes.</summary>
    private static async Task<double> QueryAsync(HttpClient http, string query, Func<double, bool> passes)
    {
        var last = "no answer";
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < s_patience; await timer.WaitForNextTickAsync())
        {
            try
            {
                last = await http.GetStringAsync("/api/v1/query?query=" + Uri.EscapeDataString(query));
            }
            catch (HttpRequestException exception)
            {
                last = exception.Message; // not listening yet
                continue;
            }

            var results = JsonElement.Parse(last).GetProperty("data").GetProperty("result");
            if (results.GetArrayLength() == 0) continue;
            var value = double.Parse(results[0].GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture);
            if (passes(value)) return value;
        }

        throw new TimeoutException($"Prometheus has no passing value of {query}; its last answer: {last}");
    }
}
