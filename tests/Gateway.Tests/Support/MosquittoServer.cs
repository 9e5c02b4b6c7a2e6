using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SmartCity.Mqtt;

namespace SmartCity.Gateway.Tests;

/// <summary>A mosquitto on 127.0.0.1 that can be killed and comes back on the same port, and a publisher for it.</summary>
internal sealed class MosquittoServer : IAsyncDisposable
{
    private readonly string _configuration = Path.GetTempFileName();
    private Process? _process;
    private MqttClient? _publisher;

    public int Port { get; private set; }

    public static async Task<MosquittoServer> StartAsync()
    {
        var server = new MosquittoServer { Port = FreePort() };
        await File.WriteAllTextAsync(server._configuration, $"listener {server.Port} 127.0.0.1\nallow_anonymous true\n");
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync()
    {
        var program = File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto";
        _process = Process.Start(new ProcessStartInfo(program, ["-c", _configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("mosquitto is not installed; test.sh installs what the tests need.");
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Contains("running", StringComparison.Ordinal)) return;
        }

        throw new InvalidOperationException("mosquitto ended at once: its configuration is wrong, or its port taken.");
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit(10_000);
    }

    public async Task PublishAsync(string topic, string payload)
    {
        if (_publisher is not { IsConnected: true })
        {
            _publisher = new(new() { Host = "127.0.0.1", Port = Port, ClientId = "publisher" });
            await _publisher.ConnectAsync();
        }

        await _publisher.PublishAsync(topic, System.Text.Encoding.UTF8.GetBytes(payload), MqttQoS.ExactlyOnce);
    }

    public async ValueTask DisposeAsync()
    {
        if (_publisher is not null) await _publisher.DisposeAsync();
        if (_process is { HasExited: false }) Kill();
        _process?.Dispose();
        File.Delete(_configuration);
    }

    private static int FreePort()
    {
        // Below the ports of outgoing connections, so that none takes it while the broker is down.
        while (true)
        {
            var port = Random.Shared.Next(20_000, 30_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; the next one.
            }
        }
    }
}
