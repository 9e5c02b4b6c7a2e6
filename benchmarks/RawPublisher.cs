using System.Diagnostics;
using System.Net.Sockets;

namespace SmartCity.Benchmarks;

/// <summary>One publishing connection with a thread of its own.</summary>
internal sealed class RawPublisher(int port, int index, BenchmarkOptions options, int qos)
{
    private readonly PublishTemplate[] _templates =
        [.. Enumerable.Range(0, Math.Max(1, options.Devices / options.Connections)).Select(d => new PublishTemplate(index, d, options.Metrics, qos))];

    private readonly Socket _socket = RawSocket.Connect(port, $"bench-{index:d4}");
    private readonly byte[] _acks = new byte[16 * 1024];
    private int _next;
    private int _partial;
    private ushort _packetId;

    /// <summary>Milliseconds from when a message was to be sent to its PUBACK.</summary>
    public List<double> Latencies { get; } = [];

    /// <summary>QoS 1: sends one for each PUBACK, with a fixed number in flight, until all are acknowledged.</summary>
    public void RunClosedLoop(int messages)
    {
        var buffer = new byte[options.InFlight * _templates.Max(t => t.Length)];
        var (sent, acked) = (0, 0);
        for (var burst = Math.Min(options.InFlight, messages); acked < messages; burst = Math.Min(sent < messages ? burst : 0, messages - sent))
        {
            var sentAt = Stopwatch.GetTimestamp();
            if (burst > 0) _socket.Send(buffer.AsSpan(0, Fill(buffer, burst)));
            sent += burst;
            burst = ReadAcks();
            acked += burst;
            if (index == 0) Latencies.Add(Stopwatch.GetElapsedTime(sentAt).TotalMilliseconds);
        }
    }

    /// <summary>QoS 0: sends as fast as TCP takes it, then waits for a PINGRESP, by which the broker has read everything.</summary>
    public void RunWithoutAcknowledgement(int messages)
    {
        const int Burst = 256;
        var buffer = new byte[Burst * _templates.Max(t => t.Length)];
        for (var sent = 0; sent < messages; sent += Burst) _socket.Send(buffer.AsSpan(0, Fill(buffer, Math.Min(Burst, messages - sent))));
        _socket.Send([0xC0, 0]);
        RawSocket.ReadExactly(_socket, _acks.AsSpan(0, 2));
    }

    /// <summary>QoS 1 at a fixed rate, whatever the broker does: latency counts from the moment at which a message was due, so a stall counts for all it delays.</summary>
    public void RunAtRate(double perSecond, TimeSpan duration)
    {
        var buffer = new byte[64 * 1024];
        var due = new Queue<double>();
        var clock = Stopwatch.StartNew();
        var sent = 0L;
        var period = 1000 / perSecond;
        while (true)
        {
            var now = clock.Elapsed.TotalMilliseconds;
            var ended = now >= duration.TotalMilliseconds;
            if (ended && due.Count == 0) return;
            var burst = ended ? 0 : (int)Math.Min(500, Math.Floor(now / period) + 1 - sent); // the first is due at once
            for (var i = 0; i < burst; i++) due.Enqueue(period * sent++);
            if (burst > 0) _socket.Send(buffer.AsSpan(0, Fill(buffer, burst)));
            if (due.Count > 0 && _socket.Poll(TimeSpan.FromMilliseconds(1), SelectMode.SelectRead))
            {
                var acked = ReadAcks();
                now = clock.Elapsed.TotalMilliseconds;
                for (var i = 0; i < acked; i++) Latencies.Add(now - due.Dequeue());
            }
            else if (due.Count == 0) Thread.Sleep(1);
        }
    }

    public void Close() => _socket.Dispose();

    private int Fill(byte[] buffer, int count)
    {
        var length = 0;
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        for (var i = 0; i < count; i++)
        {
            if (qos > 0 && ++_packetId == 0) _packetId = 1;
            length += _templates[_next++ % _templates.Length].Write(buffer.AsSpan(length), _packetId, now);
        }

        return length;
    }

    private int ReadAcks()
    {
        var count = _socket.Receive(_acks);
        if (count == 0) throw new InvalidOperationException($"The broker closed connection {index}.");
        var all = _partial + count;
        _partial = all % 4;
        return all / 4;
    }
}
