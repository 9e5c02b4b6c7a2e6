using System.Net;
using System.Net.Sockets;

namespace SmartCity.Mqtt.Tests;

/// <summary>A server that answers with what the test says, for what real ones do seldom.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public ScriptedServer() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public MqttClientOptions Options(MqttProtocolVersion version = MqttProtocolVersion.V500) => new()
    {
        Host = "127.0.0.1",
        Port = Port,
        ClientId = "c",
        Version = version,
        CleanStart = false,
        SessionExpiry = TimeSpan.FromMinutes(5),
        Reconnect = true,
        ReconnectMinDelay = TimeSpan.FromMilliseconds(1),
        KeepAlive = TimeSpan.Zero,
    };

    /// <summary>Takes the next connection, reads CONNECT and accepts.</summary>
    public async Task<RawConnection> AcceptAsync(MqttProtocolVersion version = MqttProtocolVersion.V500, bool sessionPresent = false, MqttProperties? properties = null)
    {
        var socket = await _listener.AcceptSocketAsync().Within("the client to connect");
        socket.NoDelay = true;
        var connection = new RawConnection(socket);
        await connection.ReadPacketAsync("CONNECT");
        await connection.SendAsync(w => new ConnAckPacket { SessionPresent = sessionPresent, Properties = properties }.Write(w, version));
        return connection;
    }

    /// <summary>Takes the first connection of a client.</summary>
    public async Task<(MqttClient Client, RawConnection Connection)> ConnectAsync(
        MqttClientOptions options, MqttProperties? properties = null)
    {
        var client = new MqttClient(options);
        var connecting = client.ConnectAsync();
        var connection = await AcceptAsync(options.Version, properties: properties);
        await connecting.Within("the connect");
        return (client, connection);
    }

    public void Dispose() => _listener.Dispose();
}
