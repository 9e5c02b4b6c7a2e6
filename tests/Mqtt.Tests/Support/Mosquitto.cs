using System.Net;
using System.Net.Sockets;

namespace SmartCity.Mqtt.Tests;

/// <summary>A mosquitto broker on 127.0.0.1 that can be ended and started again on the same port.</summary>
internal sealed class Mosquitto : IDisposable
{
    private readonly string _configuration;
    private ChildProcess _process;

    private Mosquitto(ChildProcess process, string configuration, int port)
    {
        _process = process;
        _configuration = configuration;
        Port = port;
    }

    public int Port { get; }

    /// <param name="listener">Configuration lines below the listener.</param>
    public static async Task<Mosquitto> StartAsync(params string[] listener)
    {
        var port = FreePort();
        var configuration = Path.GetTempFileName();
        await File.WriteAllLinesAsync(configuration, [$"listener {port} 127.0.0.1", "allow_anonymous true", .. listener, .. Companion(listener)]);
        var started = new Mosquitto(Start(configuration), configuration, port);
        await started.WhenListeningAsync();
        return started;
    }

    /// <summary>kill -9.</summary>
    public void Kill() => _process.Dispose();

    public async Task StartAgainAsync()
    {
        _process = Start(_configuration);
        await WhenListeningAsync();
    }

    public void Dispose()
    {
        _process.Dispose();
        File.Delete(_configuration);
    }

    /// <summary>mosquitto 2.0.11 does not start when all its listeners are WebSockets.</summary>
    private static string[] Companion(string[] listener) => listener.Contains("protocol websockets") ? [$"listener {FreePort()} 127.0.0.1"] : [];

    private static ChildProcess Start(string configuration) =>
        ChildProcess.Start(File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto", $"-c {configuration}");

    private static int FreePort()
    {
        // Below the ports of outgoing connections, so that none takes it while the broker is down.
        while (true)
        {
            var port = Random.Shared.Next(20_000, 30_000);
            using var free = new TcpListener(IPAddress.Loopback, port);
            try
            {
                free.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; the next one.
            }
        }
    }

    private Task WhenListeningAsync() => Eventually.True(() => _process.HasExited ? throw new InvalidOperationException("mosquitto ended at once: its configuration is wrong.") : Listens(), "mosquitto to listen");

    private bool Listens()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
