using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmartCity.Silo.Tests;

/// <summary>
/// MQTT 3.1.1 by hand, over a bare socket: sends exactly what it is told to and sees every PUBACK as it comes. Shares no code with the broker.
/// </summary>
public sealed class RawMqtt : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly TimeSpan _patience;

    private RawMqtt(Socket socket, TimeSpan? patience)
    {
        _socket = socket;
        _stream = new(socket);
        _patience = patience ?? s_patience;
    }

    /// <summary>Opens the TCP connection, nothing more.</summary>
    public static async Task<RawMqtt> OpenAsync(int port, IPAddress? address = null, TimeSpan? patience = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address ?? IPAddress.Loopback, port);
        return new(socket, patience);
    }

    /// <summary>Opens, sends CONNECT and reads a CONNACK of success.</summary>
    /// <param name="patience">Longest wait for an answer; 20 s unless told otherwise.</param>
    public static async Task<RawMqtt> ConnectAsync(int port, string clientId, TimeSpan? patience = null)
    {
        var mqtt = await OpenAsync(port, patience: patience);
        byte[] id = Encoding.UTF8.GetBytes(clientId);
        await mqtt.SendAsync([0x10, (byte)(12 + id.Length), 0, 4, .. "MQTT"u8, 4, 2, 0, 0, 0, (byte)id.Length, .. id]);
        var connAck = new byte[4];
        await mqtt.ReadExactlyAsync(connAck, "CONNACK");
        Assert.Equal([0x20, 2, 0, 0], connAck);
        return mqtt;
    }

    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask();

    /// <summary>A PUBLISH of QoS 1.</summary>
    public static byte[] Publish(string topic, string payload, ushort packetId)
    {
        var name = Encoding.UTF8.GetBytes(topic);
        var body = Encoding.UTF8.GetBytes(payload);
        var length = 2 + name.Length + 2 + body.Length;
        var packet = new List<byte> { 0x32 };
        for (var rest = length; ; rest >>= 7)
        {
            packet.Add((byte)(rest < 128 ? rest : (rest & 127) | 128));
            if (rest < 128) break;
        }

        Span<byte> number = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)name.Length);
        packet.AddRange(number);
        packet.AddRange(name);
        BinaryPrimitives.WriteUInt16BigEndian(number, packetId);
        packet.AddRange(number);
        packet.AddRange(body);
        return [.. packet];
    }

    /// <summary>Publishes one message and waits for its PUBACK.</summary>
    public async Task PublishAsync(string topic, string payload, ushort packetId = 1)
    {
        await SendAsync(Publish(topic, payload, packetId));
        Assert.Equal(packetId, await ReadPubAckAsync());
    }

    /// <summary>The packet id of the next PUBACK.</summary>
    public async Task<ushort> ReadPubAckAsync()
    {
        var puback = new byte[4];
        await ReadExactlyAsync(puback, "PUBACK");
        Assert.Equal([0x40, 2], puback[..2]);
        return BinaryPrimitives.ReadUInt16BigEndian(puback.AsSpan(2));
    }

    /// <summary>Waits until the other side has closed; what it sent before is read and dropped.</summary>
    public async Task WaitForCloseAsync()
    {
        using var timeout = new CancellationTokenSource(_patience);
        var buffer = new byte[256];
        try
        {
            while (await _stream.ReadAsync(buffer, timeout.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end as well.
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The broker did not close the connection within {_patience.TotalSeconds} s.");
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task ReadExactlyAsync(byte[] into, string awaited)
    {
        using var timeout = new CancellationTokenSource(_patience);
        try
        {
            await _stream.ReadExactlyAsync(into, timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No {awaited} within {_patience.TotalSeconds} s.");
        }
    }
}
