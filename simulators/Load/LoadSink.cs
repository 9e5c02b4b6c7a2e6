using System.Net;
using System.Net.Sockets;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>
/// The other end of a measurement of the load driver itself: reads packets and throws them away, answering only what keeps a QoS 0 client going
/// (CONNECT, SUBSCRIBE and UNSUBSCRIBE with one filter, PINGREQ). It checks nothing and is no broker.
/// </summary>
public sealed class LoadSink : IAsyncDisposable
{
    // A connection that fills its buffer gets a larger one, so that 100,000 that say little need little.
    private const int SmallestBuffer = 512;
    private const int LargestBuffer = 256 * 1024;
    private const int FewConnections = 1024;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private long _messages;
    private int _connections;
    private int _accepted;

    public LoadSink(IPEndPoint endPoint)
    {
        _listener = new(endPoint);
        _listener.Start(4096);
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>PUBLISH packets read.</summary>
    public long Messages => Interlocked.Read(ref _messages);

    /// <summary>Connections that are open.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        var sweepAt = FewConnections;
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
                _accepted++;
                if (connections.Count >= sweepAt)
                {
                    // Of a million short connections only the open ones are kept.
                    connections.RemoveAll(c => c.IsCompleted);
                    sweepAt = Math.Max(FewConnections, connections.Count * 2);
                }

                connections.Add(ReadAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Closed.
        }

        await Task.WhenAll(connections).ConfigureAwait(false);
    }

    private async Task ReadAsync(Socket socket)
    {
        using var owned = socket;
        socket.NoDelay = true;
        var buffer = new byte[SmallestBuffer];
        var v5 = false;
        Interlocked.Increment(ref _connections);
        try
        {
            for (int length = 0, read; (read = await socket.ReceiveAsync(buffer.AsMemory(length), _stop.Token).ConfigureAwait(false)) > 0;)
            {
                length += read;
                var used = Take(buffer.AsSpan(0, length), ref v5, out var answers);
                if (answers is not null) await socket.SendAsync(answers, _stop.Token).ConfigureAwait(false);
                if (used == 0 && length == LargestBuffer) return;
                var filled = length == buffer.Length;
                var rest = buffer.AsSpan(used, length - used);
                if (filled && buffer.Length < LargestBuffer) buffer = new byte[buffer.Length * 2];
                rest.CopyTo(buffer);
                length = rest.Length;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // It is gone, and so are we.
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    /// <summary>Takes all whole packets (§2.1.4); answers how many bytes they were.</summary>
    private int Take(ReadOnlySpan<byte> bytes, ref bool v5, out byte[]? answers)
    {
        var at = 0;
        var publishes = 0;
        answers = null;
        while (true)
        {
            int remaining = 0, shift = 0, body = at + 1;
            do
            {
                if (body >= bytes.Length || shift > 21) goto Done;
                remaining |= (bytes[body] & 127) << shift;
                shift += 7;
            }
            while (bytes[body++] > 127);

            if (bytes.Length - body < remaining) break;
            var type = (MqttPacketType)(bytes[at] >> 4);
            if (type == MqttPacketType.Publish) publishes++;
            else answers = Answer(type, bytes.Slice(body, remaining), ref v5) is { } answer ? [.. answers ?? [], .. answer] : answers;
            at = body + remaining;
        }

    Done:
        if (publishes > 0) Interlocked.Add(ref _messages, publishes);
        return at;
    }

    private static byte[]? Answer(MqttPacketType type, ReadOnlySpan<byte> body, ref bool v5)
    {
        switch (type)
        {
            case MqttPacketType.Connect when body.Length > 6:
                v5 = body[6] == 5;
                return v5 ? [0x20, 3, 0, 0, 0] : [0x20, 2, 0, 0];
            case MqttPacketType.PingReq:
                return [0xD0, 0];
            case MqttPacketType.Subscribe when body.Length > 1:
                return v5 ? [0x90, 4, body[0], body[1], 0, 0] : [0x90, 3, body[0], body[1], 0];
            case MqttPacketType.Unsubscribe when body.Length > 1:
                return v5 ? [0xB0, 4, body[0], body[1], 0, 0] : [0xB0, 2, body[0], body[1]];
            default:
                return null;
        }
    }
}
