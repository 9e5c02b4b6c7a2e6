using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmartCity.Benchmarks;

/// <summary>MQTT 3.1.1 on a bare blocking socket.</summary>
internal static class RawSocket
{
    /// <summary>Connects with a clean session and no keep-alive.</summary>
    /// <param name="source">Local address to connect from; null for any.</param>
    public static Socket Connect(int port, string clientId, IPAddress? source = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (source is not null) socket.Bind(new IPEndPoint(source, 0));
        socket.Connect(IPAddress.Loopback, port);
        var id = Encoding.ASCII.GetBytes(clientId);
        socket.Send([0x10, (byte)(12 + id.Length), 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 2, 0, 0, 0, (byte)id.Length, .. id]);
        Span<byte> answer = stackalloc byte[4];
        ReadExactly(socket, answer);
        return answer[3] == 0 ? socket : throw new InvalidOperationException($"CONNACK {answer[3]} for {clientId}");
    }

    public static void ReadExactly(Socket socket, Span<byte> into)
    {
        while (into.Length > 0)
        {
            var count = socket.Receive(into);
            if (count == 0) throw new InvalidOperationException("The broker closed the connection.");
            into = into[count..];
        }
    }
}
