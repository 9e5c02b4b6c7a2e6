namespace SmartCity.Storage.Tests;

/// <summary>influxd 1.6 on a free port with a temporary folder; every listener but HTTP and the local RPC is off.</summary>
public sealed partial class InfluxServer : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly int _http = ServerProcess.FreePort();
    private readonly int _rpc = ServerProcess.FreePort();
    private ServerProcess? _process;

    public string Url => $"http://127.0.0.1:{_http}";

    /// <summary>What influxd has used since its last start.</summary>
    public TimeSpan CpuTime => _process?.CpuTime ?? throw new InvalidOperationException("influxd does not run.");

    public InfluxOptions Options(string? database = null) => new()
    {
        Url = Url,
        Database = database ?? "t" + Guid.NewGuid().ToString("N"),
        MinRetryDelay = TimeSpan.FromMilliseconds(5),
        MaxRetryDelay = TimeSpan.FromMilliseconds(100),
        RequestTimeout = TimeSpan.FromSeconds(30),
    };

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder.Path, "influxdb.conf"),
            $"""
            reporting-enabled = false
            bind-address = "127.0.0.1:{_rpc}"
            [meta]
              dir = "{_folder.Path}/meta"
            [data]
              dir = "{_folder.Path}/data"
              wal-dir = "{_folder.Path}/wal"
              max-series-per-database = 0
              max-values-per-tag = 0
            [monitor]
              store-enabled = false
            [subscriber]
              enabled = false
            [continuous_queries]
              enabled = false
            [http]
              bind-address = "127.0.0.1:{_http}"
              log-enabled = false
            [ifql]
              enabled = false
            [[graphite]]
              enabled = false
            [[collectd]]
              enabled = false
            [[opentsdb]]
              enabled = false
            [[udp]]
              enabled = false
            """);
        await StartAsync();
    }

    public async Task StartAsync() => _process = await ServerProcess.StartAsync(
        "influxd", ["run", "-config", Path.Combine(_folder.Path, "influxdb.conf")], "Listening on HTTP");

    public async Task KillAsync()
    {
        if (_process is null) return;
        await _process.KillAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Starts it again unless it runs.</summary>
    public Task EnsureRunningAsync() => _process is null ? StartAsync() : Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        _process?.Dispose();
        _folder.Dispose();
    }
}
