using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace SmartCity.Benchmarks;

/// <summary>The host as a process of its own, with a data folder of its own.</summary>
internal sealed class SiloProcess : IDisposable
{
    private readonly string[] _arguments;
    private Process _process;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "smartcity-bench-" + Guid.NewGuid().ToString("N"));
    private readonly HttpClient _http;

    private SiloProcess(string[] extra)
    {
        MqttPort = FreePort();
        var httpPort = FreePort();
        _http = new() { BaseAddress = new($"http://127.0.0.1:{httpPort}"), Timeout = TimeSpan.FromMinutes(2) };
        _arguments = [Path.Combine(AppContext.BaseDirectory, "SmartCity.Silo.dll"), $"--Mqtt:Port={MqttPort}", $"--Http:Port={httpPort}", $"--Data={_folder}", .. extra];
        _process = Run();
    }

    public int MqttPort { get; }

    public static async Task<SiloProcess> StartAsync(params string[] extra)
    {
        var silo = new SiloProcess(extra);
        await silo.WaitUntilReadyAsync();
        return silo;
    }

    /// <summary>kill -9, and a start on what is on the disk.</summary>
    /// <returns>Time from the start of the process until it accepts messages.</returns>
    public async Task<TimeSpan> KillAndStartAsync()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        var started = Stopwatch.GetTimestamp();
        _process = Run();
        await WaitUntilReadyAsync();
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Bytes of a folder of the data folder.</summary>
    public long FolderBytes(string name) => new DirectoryInfo(Path.Combine(_folder, name)).EnumerateFiles().Sum(f => f.Length);

    private Process Run()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in _arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private async Task WaitUntilReadyAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.Contains("is ready", StringComparison.Ordinal)) continue;
            _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
            return;
        }

        throw new InvalidOperationException("The host ended before it was ready.");
    }

    /// <summary>Resident memory, bytes.</summary>
    public long ResidentBytes()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>Where the memory is, as the kernel and the collector see it.</summary>
    public async Task<string> DescribeMemoryAsync()
    {
        var kernel = File.ReadLines($"/proc/{_process.Id}/status").Where(l => l.StartsWith("Rss", StringComparison.Ordinal)).Select(l => string.Join(' ', l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        var heap = await MetricAsync("dotnet_gc_last_collection_heap_size_bytes");
        var committed = await MetricAsync("dotnet_gc_last_collection_memory_committed_size_bytes");
        return $"{string.Join(", ", kernel)}; managed heap {heap / 1048576:f0} MiB at the last collection, committed {committed / 1048576:f0} MiB";
    }

    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Waits until the host has nothing to do: less than a twentieth of a core for a second.</summary>
    public async Task QuietAsync()
    {
        TimeSpan before;
        do
        {
            before = CpuTime;
            await Task.Delay(1000);
        }
        while ((CpuTime - before).TotalMilliseconds > 50);
    }

    /// <summary>Sum of a metric over its tags.</summary>
    public async Task<double> MetricAsync(string name)
    {
        double sum = 0;
        foreach (var line in (await _http.GetStringAsync("/metrics")).Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
                sum += double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
        }

        return sum;
    }

    public async Task<JsonElement> LedgerAsync() => await _http.GetFromJsonAsync<JsonElement>("/api/v1/ledger");

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
