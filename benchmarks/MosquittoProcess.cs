using System.Diagnostics;
using System.Net.Sockets;

namespace SmartCity.Benchmarks;

/// <summary>Debian's mosquitto with everything in memory, and without the limits that would make it drop messages of a subscriber that is behind.</summary>
internal sealed class MosquittoProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _file = Path.GetTempFileName();

    public MosquittoProcess()
    {
        Port = SiloProcess.FreePort();
        File.WriteAllText(_file, $"""
            listener {Port} 127.0.0.1
            allow_anonymous true
            persistence false
            log_type none
            max_queued_messages 0
            max_inflight_messages 0
            """);
        _process = Process.Start(new ProcessStartInfo("mosquitto", ["-c", _file]) { RedirectStandardError = true })
            ?? throw new InvalidOperationException("mosquitto cannot be started; install Debian's package mosquitto.");
        for (var tries = 0; ; tries++)
        {
            try
            {
                RawSocket.Connect(Port, "probe").Dispose();
                return;
            }
            catch (SocketException) when (tries < 100)
            {
                Thread.Sleep(50);
            }
        }
    }

    public int Port { get; }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_file);
    }
}
