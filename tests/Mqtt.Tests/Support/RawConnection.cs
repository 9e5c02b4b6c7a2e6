using System.Net;
using System.Net.Sockets;

namespace SmartCity.Mqtt.Tests;

/// <summary>A peer that sends exactly the bytes it is told to.</summary>
internal sealed class RawConnection(Socket socket) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    public static async Task<RawConnection> OpenAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        return new(socket);
    }

    public async Task SendAsync(params byte[] bytes) => await socket.SendAsync(bytes);

    public Task SendAsync(Action<ArrayBufferWriter> write)
    {
        var writer = new ArrayBufferWriter();
        write(writer);
        return SendAsync(writer.ToArray());
    }

    /// <summary>Connects with a 3.1.1 or v5 CONNECT and reads the CONNACK.</summary>
    public async Task<byte[]> ConnectAsync(string clientId, MqttProtocolVersion version, Func<ConnectPacket, ConnectPacket>? change = null)
    {
        var packet = new ConnectPacket { ClientId = clientId, Version = version };
        await SendAsync(w => (change?.Invoke(packet) ?? packet).Write(w));
        return await ReadPacketAsync("CONNACK");
    }

    /// <summary>Reads one whole packet.</summary>
    public async Task<byte[]> ReadPacketAsync(string awaited)
    {
        var bytes = new List<byte> { await ReadByteAsync(awaited) };
        int length = 0, shift = 0;
        byte next;
        do
        {
            next = await ReadByteAsync(awaited);
            bytes.Add(next);
            length |= (next & 0x7F) << shift;
            shift += 7;
        }
        while ((next & 0x80) != 0);

        for (var i = 0; i < length; i++) bytes.Add(await ReadByteAsync(awaited));
        return [.. bytes];
    }

    /// <summary>True when the peer closes without sending anything more.</summary>
    public async Task<bool> IsClosedAsync()
    {
        try
        {
            return await ReceiveAsync("the end of the connection") is null;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>True when bytes have arrived that were not read.</summary>
    public bool HasData => socket.Available > 0;

    public void Reset()
    {
        socket.LingerState = new(true, 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();

    private async Task<byte> ReadByteAsync(string awaited) =>
        await ReceiveAsync(awaited) ?? throw new EndOfStreamException($"The connection ended while waiting for {awaited}.");

    private async Task<byte?> ReceiveAsync(string awaited)
    {
        var one = new byte[1];
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            return await socket.ReceiveAsync(one, patience.Token) == 0 ? null : one[0];
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Nothing came within {s_patience.TotalSeconds} s while waiting for {awaited}.");
        }
    }
}
