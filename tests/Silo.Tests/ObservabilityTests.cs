using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using SmartCity.Storage.Tests;

namespace SmartCity.Silo.Tests;

/// <summary>Metrics and traces as the tools of others see them.</summary>
public sealed class ObservabilityTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Prometheus_scrapes_the_host_and_finds_its_metrics_well_formed()
    {
        await using var silo = await SiloProcess.StartAsync();
        using (var mqtt = await RawMqtt.ConnectAsync(silo.MqttPort, "scraped"))
        {
            for (ushort i = 1; i <= 5; i++) await mqtt.PublishAsync("city/nam/sg/air/scraped", $$"""{"pm25":{{i}}}""", i);
        }

        await silo.WaitForValueAsync("scraped", "pm25", 5);
        var folder = Directory.CreateTempSubdirectory("smartcity-prometheus-").FullName;
        try
        {
            await CheckFormatAsync(silo, folder);
            var port = Ports.Next();
            await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), $"""
                global:
                  scrape_interval: 1s
                scrape_configs:
                  - job_name: smartcity
                    static_configs:
                      - targets: ['127.0.0.1:{silo.HttpPort}']
                """);
            using var prometheus = await ServerProcess.StartAsync(
                "prometheus",
                [$"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/data", $"--web.listen-address=127.0.0.1:{port}"],
                "Server is ready to receive web requests");
            Assert.Equal("1", await QueryAsync(port, "up{job=\"smartcity\"}"));
            Assert.Equal("5", await QueryAsync(port, "smartcity_gateway_messages_total"));
            Assert.Equal("1", await QueryAsync(port, "smartcity_gateway_devices"));
            await QueryAsync(port, "smartcity_intake_commit_seconds_bucket{le=\"+Inf\"}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Every_part_has_a_meter()
    {
        await using var silo = await SiloProcess.StartAsync();
        await Peer.PublishAsync(Peer.Mosquitto, "127.0.0.1", silo.MqttPort, "3.1.1", "city/bac/hn/air/metered", (1, """{"pm25":20.5}"""));
        await silo.WaitForValueAsync("metered", "pm25", 20.5);
        string[] names =
        [
            "smartcity_gateway_messages_total", "smartcity_intake_records_total", "smartcity_windows_tick_seconds_bucket", "orleans_turns_total", "orleans_activations",
            "smartcity_storage_", "mqtt_publishes_received_total",
        ];
        var text = string.Empty;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        // The first tick that closes windows comes a second after the start.
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20); await timer.WaitForNextTickAsync())
        {
            text = await silo.Http.GetStringAsync("/metrics");
            if (names.All(name => text.Contains("\n" + name, StringComparison.Ordinal))) break;
        }

        foreach (var name in names) Assert.Contains("\n" + name, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_and_traces_go_to_an_OTLP_collector_when_one_is_named()
    {
        var port = Ports.Next();
        using var collector = new HttpListener { Prefixes = { $"http://127.0.0.1:{port}/" } };
        collector.Start();
        var texts = new ConcurrentDictionary<string, string>();
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var serving = ServeAsync(collector, texts, both);
        await using var silo = await SiloProcess.StartAsync(new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{port}",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        });
        await silo.GetAsync("/api/v1/areas");
        try
        {
            await both.Task.WaitAsync(s_patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The collector got only: {string.Join(", ", texts.Keys)}.");
        }

        Assert.Contains("smartcity", texts["/v1/traces"], StringComparison.Ordinal); // the service's name
        collector.Stop();
        await serving;
    }

    /// <summary>Answers with success and keeps the bodies until there is a metric of ours and a trace.</summary>
    private static async Task ServeAsync(HttpListener collector, ConcurrentDictionary<string, string> texts, TaskCompletionSource both)
    {
        try
        {
            while (true)
            {
                var context = await collector.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                var text = Encoding.Latin1.GetString(body.ToArray());
                if (context.Request.HttpMethod == "POST") texts.AddOrUpdate(context.Request.Url!.AbsolutePath, text, (_, before) => before + text);
                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
                if (texts.ContainsKey("/v1/traces") && texts.TryGetValue("/v1/metrics", out var metrics) && metrics.Contains("smartcity.gateway.messages", StringComparison.Ordinal))
                    both.TrySetResult();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private static async Task CheckFormatAsync(SiloProcess silo, string folder)
    {
        var file = Path.Combine(folder, "metrics.txt");
        await File.WriteAllTextAsync(file, await silo.Http.GetStringAsync("/metrics"));
        using var promtool = ChildProcess.Start("/bin/sh", ["-c", $"promtool check metrics < '{file}'"]);
        var code = await promtool.WaitForEndAsync();
        // 3 is advice on names ("non-base unit"); 1 is a format that Prometheus cannot read.
        Assert.True(code is 0 or 3, "promtool: " + string.Join('\n', promtool.Errors));
        Assert.DoesNotContain(promtool.Errors, line => line.StartsWith("smartcity_", StringComparison.Ordinal));
    }

    private static async Task<string?> QueryAsync(int port, string query)
    {
        using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < s_patience; await timer.WaitForNextTickAsync())
        {
            var answer = JsonElement.Parse(await http.GetStringAsync("/api/v1/query?query=" + Uri.EscapeDataString(query)));
            var result = answer.GetProperty("data").GetProperty("result");
            if (result.GetArrayLength() > 0) return result[0].GetProperty("value")[1].GetString();
        }

        throw new TimeoutException($"Prometheus has no value of {query} after {s_patience.TotalSeconds} s.");
    }
}
