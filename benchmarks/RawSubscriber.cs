using System.Net.Sockets;

namespace SmartCity.Benchmarks;

/// <summary>One subscriber of QoS 1 with a thread of its own; it acknowledges what each read brings with one write.</summary>
internal sealed class RawSubscriber
{
    private readonly Socket _socket;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _expected;
    private long _received;

    public RawSubscriber(int port, long expected)
    {
        _expected = expected;
        _socket = RawSocket.Connect(port, "bench-subscriber");
        var filter = "city/#"u8;
        _socket.Send([0x82, (byte)(5 + filter.Length), 0, 1, 0, (byte)filter.Length, .. filter, 1]);
        RawSocket.ReadExactly(_socket, new byte[5]);
        _thread = new(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Completes when all have come; fails when the broker closes.</summary>
    public Task All => _all.Task;

    public long Received => Volatile.Read(ref _received);

    public void Close() => _socket.Dispose();

    private void Run()
    {
        var buffer = new byte[256 * 1024];
        var acks = new byte[64 * 1024];
        var length = 0;
        try
        {
            while (Received < _expected)
            {
                var count = _socket.Receive(buffer.AsSpan(length));
                if (count == 0) throw new InvalidOperationException($"The broker closed the subscriber's connection after {Received} messages.");
                length += count;
                var (at, ackLength) = (0, 0);

                // The driver's packets have one length byte.
                while (length - at >= 2 && length - at >= 2 + buffer[at + 1])
                {
                    var id = at + 4 + buffer[at + 3];
                    (acks[ackLength], acks[ackLength + 1], acks[ackLength + 2], acks[ackLength + 3]) = (0x40, 2, buffer[id], buffer[id + 1]);
                    ackLength += 4;
                    at += 2 + buffer[at + 1];
                    Volatile.Write(ref _received, _received + 1);
                }

                buffer.AsSpan(at, length - at).CopyTo(buffer);
                length -= at;
                if (ackLength > 0) _socket.Send(acks.AsSpan(0, ackLength));
            }

            _all.SetResult();
        }
        catch (Exception e)
        {
            _all.TrySetException(e);
        }
    }
}
