namespace SmartCity.Silo.Tests;

/// <summary>A mosquitto of its own on 127.0.0.1 that comes back on the same port and with the same files.</summary>
public sealed class MosquittoProcess : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smartcity-mosquitto-").FullName;
    private ChildProcess? _child;

    private MosquittoProcess()
    {
    }

    public int Port { get; } = Ports.Next();

    public string Url => $"mqtt://127.0.0.1:{Port}";

    private string Configuration => Path.Combine(_folder, "mosquitto.conf");

    /// <param name="lines">Configuration lines below the listener.</param>
    public static async Task<MosquittoProcess> StartAsync(params string[] lines)
    {
        var mosquitto = new MosquittoProcess();
        await File.WriteAllLinesAsync(mosquitto.Configuration, [$"listener {mosquitto.Port} 127.0.0.1", "user root", .. lines]);
        await mosquitto.StartAgainAsync();
        return mosquitto;
    }

    /// <summary>One that keeps sessions and what waits for them when it is ended with SIGTERM, and queues without a limit.</summary>
    public static Task<MosquittoProcess> StartPersistentAsync()
    {
        var folder = Directory.CreateTempSubdirectory("smartcity-mosquitto-data-").FullName;
        return StartAsync("allow_anonymous true", "persistence true", $"persistence_location {folder}/", "max_queued_messages 0", "max_inflight_messages 0");
    }

    public async Task StartAgainAsync()
    {
        _child?.Dispose();
        var program = File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto";
        _child = ChildProcess.Start(program, ["-c", Configuration]);
        await _child.WaitForLineAsync(line => line.Contains("running", StringComparison.Ordinal), "mosquitto to be running");
    }

    /// <summary>SIGTERM: it writes its sessions to disk.</summary>
    public async Task StopAsync()
    {
        await _child!.TerminateAsync();
        await _child.WaitForEndAsync();
    }

    /// <summary>kill -9: what it had in memory is gone.</summary>
    public Task KillAsync() => _child!.KillAsync();

    public async ValueTask DisposeAsync()
    {
        if (_child is not null)
        {
            await _child.KillIfRunningAsync();
            _child.Dispose();
        }

        foreach (var folder in Folders()) Directory.Delete(folder, recursive: true);
    }

    private IEnumerable<string> Folders()
    {
        const string Key = "persistence_location ";
        var data = File.ReadLines(Configuration).FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal));
        return data is null ? [_folder] : [data[Key.Length..], _folder];
    }
}
