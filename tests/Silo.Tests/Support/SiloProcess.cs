using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace SmartCity.Silo.Tests;

/// <summary>The host as a process of its own, with ports and a data folder that it keeps over restarts.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(20);
    private readonly string _root = Directory.CreateTempSubdirectory("smartcity-silo-").FullName;
    private readonly IReadOnlyList<string> _extra;
    private readonly IReadOnlyDictionary<string, string>? _environment;
    private ChildProcess? _child;

    private SiloProcess(IReadOnlyList<string> extra, IReadOnlyDictionary<string, string>? environment)
    {
        (_extra, _environment) = (extra, environment);
        Http = new() { BaseAddress = new($"http://127.0.0.1:{HttpPort}"), Timeout = TimeSpan.FromSeconds(15) };
    }

    public int MqttPort { get; } = Ports.Next();

    public int HttpPort { get; } = Ports.Next();

    public string DataFolder => Path.Combine(_root, "data");

    public HttpClient Http { get; }

    /// <summary>The process under way.</summary>
    public ChildProcess Child => _child ?? throw new InvalidOperationException("The host is not running.");

    /// <summary>The program and its first argument.</summary>
    public static string[] Command { get; } = [Path.Combine(AppContext.BaseDirectory, "SmartCity.Silo.dll")];

    public static Task<SiloProcess> StartAsync(params string[] extra) => StartAsync(null, extra);

    public static async Task<SiloProcess> StartAsync(IReadOnlyDictionary<string, string>? environment, params string[] extra)
    {
        var silo = new SiloProcess(extra, environment);
        try
        {
            await silo.StartAgainAsync();
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the host with arguments that it refuses, until it ends.</summary>
    public static async Task<(int Code, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)> RunToEndAsync(params string[] arguments)
    {
        using var child = ChildProcess.Start("dotnet", [.. Command, .. arguments]);
        var code = await child.WaitForEndAsync();
        return (code, child.Output, child.Errors);
    }

    /// <summary>Starts the host on the same ports and folder, and waits until it is ready.</summary>
    public async Task StartAgainAsync()
    {
        _child?.Dispose();
        _child = ChildProcess.Start(
            "dotnet", [.. Command, $"--Mqtt:Port={MqttPort}", $"--Http:Port={HttpPort}", $"--Data={DataFolder}", .. _extra], _environment);
        await _child.WaitForLineAsync(line => line.Contains("SmartCity is ready", StringComparison.Ordinal), "'SmartCity is ready'");
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync() => Child.KillAsync();

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> StopAsync()
    {
        await Child.TerminateAsync();
        return await Child.WaitForEndAsync(TimeSpan.FromSeconds(15));
    }

    /// <summary>The answer to a GET that must succeed.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Asks again until the answer passes; one that is no success does not.</summary>
    public async Task<JsonElement> WaitForAsync(string path, Func<JsonElement, bool> passes, string awaited, TimeSpan? patience = null)
    {
        var limit = patience ?? s_patience;
        var last = string.Empty;
        using var timer = new PeriodicTimer(s_pollInterval);
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < limit; await timer.WaitForNextTickAsync())
        {
            using var response = await Http.GetAsync(path);
            last = await response.Content.ReadAsStringAsync();
            if (!response.IsSuccessStatusCode) continue;
            var answer = JsonElement.Parse(last);
            if (passes(answer)) return answer;
        }

        throw new TimeoutException($"Not within {limit.TotalSeconds} s: {awaited}. The last answer of {path}: {last}");
    }

    /// <summary>The problem details of a GET that must fail.</summary>
    public async Task<string> ProblemAsync(string path, HttpStatusCode status)
    {
        using var response = await Http.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"{path} answered {(int)response.StatusCode} instead of {(int)status}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonElement.Parse(body);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.NotEqual(string.Empty, problem.GetProperty("title").GetString());
        return problem.TryGetProperty("detail", out var detail) ? detail.GetString()! : string.Empty;
    }

    /// <summary>The ledger once it has so many accepted readings. Its balance must be zero each time it is asked.</summary>
    public Task<JsonElement> LedgerAsync(long accepted, string? device = null) => WaitForAsync(
        "/api/v1/ledger" + (device is null ? "" : "?device=" + device),
        ledger =>
        {
            Assert.Equal(0, ledger.GetProperty("balance").GetInt64());
            return ledger.GetProperty("accepted").GetInt64() >= accepted;
        },
        $"a ledger with {accepted} accepted readings");

    /// <summary>Waits until the latest value of a device's metric is this.</summary>
    public Task<JsonElement> WaitForValueAsync(string device, string metric, double value, TimeSpan? patience = null) => WaitForAsync(
        "/api/v1/devices/" + device,
        answer => answer.GetProperty("latest").EnumerateArray().Any(l => l.GetProperty("metric").GetString() == metric && l.GetProperty("value").GetDouble() == value),
        string.Create(CultureInfo.InvariantCulture, $"{metric} = {value} of device {device}"),
        patience);

    /// <summary>Publishes one reading a message with QoS 1.</summary>
    public async Task PublishAsync(string topic, params (long Ts, string Metric, double Value)[] readings)
    {
        using var mqtt = await RawMqtt.ConnectAsync(MqttPort, "http-" + Guid.NewGuid().ToString("N")[..12]);
        foreach (var (ts, metric, value) in readings)
            await mqtt.PublishAsync(topic, string.Create(CultureInfo.InvariantCulture, $$"""{"ts":{{ts}},"{{metric}}":{{value}}}"""));
    }

    public async ValueTask DisposeAsync()
    {
        if (_child is not null)
        {
            await _child.KillIfRunningAsync();
            _child.Dispose();
        }

        Http.Dispose();
        try
        {
            Directory.Delete(_root, recursive: true);
        }
        catch (IOException)
        {
            // The kernel may still be closing files of the killed process; the folder is a temporary one either way.
        }
    }
}
