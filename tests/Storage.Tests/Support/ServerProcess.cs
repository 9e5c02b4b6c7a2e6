using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SmartCity.Storage.Tests;

/// <summary>A server of the distribution, started for a test or a benchmark and stopped with it.</summary>
public sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _log = [];

    private ServerProcess(Process process) => _process = process;

    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts a program and waits until it writes a line with <paramref name="readyText"/>.</summary>
    public static async Task<ServerProcess> StartAsync(string program, IEnumerable<string> arguments, string readyText)
    {
        var path = (string[])[$"/usr/bin/{program}", $"/usr/local/bin/{program}", $"/usr/sbin/{program}"];
        var file = path.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"{program} is not installed; tests and benchmarks need it (Debian: apt-get install influxdb victoria-metrics).");
        var start = new ProcessStartInfo(file) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new ServerProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        void Line(string? text)
        {
            if (text is null) return;
            lock (server._log) server._log.Add(text);
            if (text.Contains(readyText, StringComparison.Ordinal)) ready.TrySetResult();
        }

        server._process.ErrorDataReceived += (_, e) => Line(e.Data);
        server._process.OutputDataReceived += (_, e) => Line(e.Data);
        server._process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"{program} ended by itself: {server.Log}"));
        server._process.Start();
        server._process.BeginErrorReadLine();
        server._process.BeginOutputReadLine();
        try
        {
            await ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            server.Dispose();
            throw new TimeoutException($"{program} did not say '{readyText}': {server.Log}");
        }

        return server;
    }

    /// <summary>Waits until a port of this machine takes connections: some servers say that they have started a moment before.</summary>
    public static async Task WaitForPortAsync(int port)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var started = Stopwatch.GetTimestamp(); ; await timer.WaitForNextTickAsync())
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30))
            {
                // Not yet.
            }
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit(30_000);
        _process.Dispose();
    }

    private string Log
    {
        get
        {
            lock (_log) return string.Join('\n', _log.TakeLast(20));
        }
    }
}
