using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmartCity.Benchmarks;

/// <summary>
/// Closed-loop publishers on raw sockets: each connection keeps a fixed number of QoS 1 messages in flight and sends one for each PUBACK.
/// Packets are laid out once; only packet id and timestamp are patched, so that the driver takes little of the two cores.
/// </summary>
internal sealed class PublishDriver(int port, BenchmarkOptions options)
{
    private const int TimestampDigits = 13;

    /// <summary>Milliseconds from send to PUBACK, one entry per burst.</summary>
    public List<double> Latencies { get; } = [];

    /// <summary>Publishes <paramref name="messages"/> messages over all connections, devices in turn.</summary>
    public async Task<TimeSpan> RunAsync(int messages)
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, options.Connections).Select(ConnectAsync));
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(connections.Select((socket, i) => Task.Run(() => PublishAsync(socket, i, messages / options.Connections))));
        var elapsed = Stopwatch.GetElapsedTime(started);
        foreach (var socket in connections) socket.Dispose();
        return elapsed;
    }

    private async Task<Socket> ConnectAsync(int index)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var id = Encoding.ASCII.GetBytes($"bench-{index:d4}");
        byte[] connect = [0x10, (byte)(12 + id.Length), 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 2, 0, 0, 0, (byte)id.Length, .. id];
        await socket.SendAsync(connect);
        var answer = new byte[4];
        for (var n = 0; n < 4;) n += await socket.ReceiveAsync(answer.AsMemory(n));
        return answer[3] == 0 ? socket : throw new InvalidOperationException($"CONNACK {answer[3]}");
    }

    private async Task PublishAsync(Socket socket, int index, int messages)
    {
        var devices = Math.Max(1, options.Devices / options.Connections);
        var packets = Enumerable.Range(0, devices).Select(d => Packet(index, d)).ToArray();
        var buffer = new byte[options.InFlight * packets[0].Bytes.Length];
        var acks = new byte[16 * 1024];
        var (sent, acked, partial) = (0, 0, 0);
        ushort packetId = 0;
        var burst = Math.Min(options.InFlight, messages);
        var sentAt = Stopwatch.GetTimestamp();
        while (true)
        {
            if (burst > 0)
            {
                var length = 0;
                var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
                for (var i = 0; i < burst; i++)
                {
                    var (bytes, idAt, timeAt) = packets[sent++ % packets.Length];
                    if (++packetId == 0) packetId = 1;
                    bytes[idAt] = (byte)(packetId >> 8);
                    bytes[idAt + 1] = (byte)packetId;
                    WriteDigits(bytes.AsSpan(timeAt, TimestampDigits), now);
                    bytes.CopyTo(buffer, length);
                    length += bytes.Length;
                }

                sentAt = Stopwatch.GetTimestamp();
                await socket.SendAsync(buffer.AsMemory(0, length));
            }

            var n = await socket.ReceiveAsync(acks);
            if (n == 0) throw new InvalidOperationException($"The host closed connection {index} after {acked} acknowledgements.");
            var all = partial + n;
            partial = all % 4;
            acked += all / 4;
            if (index == 0) Latencies.Add(Stopwatch.GetElapsedTime(sentAt).TotalMilliseconds);
            if (acked >= messages) return;
            burst = Math.Min(all / 4, messages - sent);
        }
    }

    private (byte[] Bytes, int IdAt, int TimeAt) Packet(int connection, int device)
    {
        var topic = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"city/nam/sg/air/b{connection:d2}-{device:d6}"));
        string[] names = ["pm25", "temp", "rh", "no2", "o3"];
        var metrics = string.Join(",", names.Take(options.Metrics).Select((m, i) => string.Create(CultureInfo.InvariantCulture, $"\"{m}\":{20 + i + (device % 50 * 0.1):f1}")));
        var payload = Encoding.ASCII.GetBytes("{\"ts\":1764000000000," + metrics + "}");
        var remaining = 2 + topic.Length + 2 + payload.Length;
        if (remaining > 127) throw new InvalidOperationException("The driver writes one length byte; use fewer metrics.");
        byte[] packet = [0x32, (byte)remaining, 0, (byte)topic.Length, .. topic, 0, 0, .. payload];
        return (packet, 4 + topic.Length, 4 + topic.Length + 2 + "{\"ts\":".Length);
    }

    private static void WriteDigits(Span<byte> digits, long value)
    {
        for (var i = digits.Length - 1; i >= 0; i--)
        {
            digits[i] = (byte)('0' + (value % 10));
            value /= 10;
        }
    }
}
