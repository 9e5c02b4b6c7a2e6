using System.Net;
using System.Net.Sockets;

namespace SmartCity.Mqtt.Tests;

/// <summary>A mosquitto broker on a free port of 127.0.0.1.</summary>
internal sealed class Mosquitto : IDisposable
{
    private readonly ChildProcess _process;
    private readonly string _configuration;

    private Mosquitto(ChildProcess process, string configuration, int port)
    {
        _process = process;
        _configuration = configuration;
        Port = port;
    }

    public int Port { get; }

    public static async Task<Mosquitto> StartAsync()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var configuration = Path.GetTempFileName();
        await File.WriteAllTextAsync(configuration, $"listener {port} 127.0.0.1\nallow_anonymous true\n");
        var program = File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto";
        var started = new Mosquitto(ChildProcess.Start(program, $"-c {configuration}"), configuration, port);
        await Eventually.True(() => started.Listens() || started._process.HasExited, "mosquitto to listen");
        return started;
    }

    public void Dispose()
    {
        _process.Dispose();
        File.Delete(_configuration);
    }

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
