using System.Diagnostics;

namespace SmartCity.Benchmarks;

/// <summary>Debian's influxd 1.6 with a folder of its own; what it does for itself (reports, monitoring, continuous queries) is off.</summary>
internal sealed class InfluxProcess : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smartcity-influx-").FullName;
    private readonly Process _process;

    private InfluxProcess(int port)
    {
        Url = $"http://127.0.0.1:{port}";
        var configuration = Path.Combine(_folder, "influxdb.conf");
        File.WriteAllText(configuration, $"""
            reporting-enabled = false
            bind-address = "127.0.0.1:{SiloProcess.FreePort()}"
            [meta]
              dir = "{_folder}/meta"
            [data]
              dir = "{_folder}/data"
              wal-dir = "{_folder}/wal"
              max-series-per-database = 0
              max-values-per-tag = 0
            [monitor]
              store-enabled = false
            [subscriber]
              enabled = false
            [continuous_queries]
              enabled = false
            [http]
              bind-address = "127.0.0.1:{port}"
              log-enabled = false
            """);
        _process = Process.Start(new ProcessStartInfo("influxd", ["run", "-config", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("influxd cannot be started; install Debian's package influxdb.");
        _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
    }

    public string Url { get; }

    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<InfluxProcess> StartAsync()
    {
        var influx = new InfluxProcess(SiloProcess.FreePort());
        using var http = new HttpClient();
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var answer = await http.GetAsync(influx.Url + "/ping");
                if (answer.IsSuccessStatusCode) return influx;
            }
            catch (HttpRequestException) when (tries < 200)
            {
            }

            await Task.Delay(50);
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
