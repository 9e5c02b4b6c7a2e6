namespace SmartCity.Mqtt;

/// <summary>
/// Acknowledgements that wait for the disk, in the order of their messages. The read loop puts them in and reads on; a task of its own waits for
/// the newest ticket, then writes all that it covers with one write and one flush. Bounded by <see cref="MqttLimits.ReceiveMaximum"/>.
/// </summary>
internal sealed class AckPump(IPublishHandler handler, SessionJournal? journal, PacketOutput output, MqttMetrics? metrics, MqttProtocolVersion version, int capacity, Action<int>? written = null)
{
    private readonly AsyncSignal _pending = new();
    private readonly AsyncSignal _space = new();
    private readonly Lock _grow = new();
    private Entry[] _ring = new Entry[Math.Min(64, RoundUp(capacity))];
    private uint _head;
    private uint _tail;
    private int _unacknowledged;
    private bool _spaceWanted;
    private Task? _running;

    /// <summary>Acknowledgements not written yet.</summary>
    public int Count => (int)(Volatile.Read(ref _tail) - Volatile.Read(ref _head));

    /// <summary>QoS 1 messages without a PUBACK plus QoS 2 messages without a PUBCOMP: what counts against the Receive Maximum.</summary>
    public int Unacknowledged => Volatile.Read(ref _unacknowledged);

    public bool IsFull => Count >= capacity;

    /// <summary>Counts a new message.</summary>
    public void Began() => Interlocked.Increment(ref _unacknowledged);

    /// <summary>Counts messages whose last acknowledgement is written.</summary>
    public void Ended(int count = 1)
    {
        // A resumed session may release what an earlier connection began: the count starts anew with each connection (MQTT 5.0 §4.9).
        int seen;
        do
        {
            seen = Volatile.Read(ref _unacknowledged);
        }
        while (Interlocked.CompareExchange(ref _unacknowledged, Math.Max(0, seen - count), seen) != seen);
    }

    /// <summary>Adds one; only the read loop, and only when not full. Not seen by the pump's task before <see cref="Start"/>.</summary>
    public void Add(long ticket, long kept, ushort packetId, MqttPacketType type, MqttReasonCode reason)
    {
        if (Count == _ring.Length) Grow();
        _ring[_tail & (uint)(_ring.Length - 1)] = new(ticket, kept, packetId, type, reason);
        Volatile.Write(ref _tail, _tail + 1);
    }

    /// <summary>Wakes the pump after a batch.</summary>
    /// <param name="failed">Called when durability failed: the connection must close without an acknowledgement.</param>
    public void Start(Action<Exception> failed, CancellationToken cancellationToken)
    {
        if (Count == 0) return;
        _running ??= RunAsync(failed, cancellationToken);
        _pending.Set();
    }

    /// <summary>Completes when there is room again. For the read loop.</summary>
    public ValueTask WhenSpaceAsync()
    {
        Volatile.Write(ref _spaceWanted, true);

        // The pump may have emptied the ring before it could see the wish.
        Interlocked.MemoryBarrier();
        return IsFull ? _space.WaitAsync() : default;
    }

    /// <summary>Ends the pump; what waits is not acknowledged.</summary>
    public Task StopAsync()
    {
        _pending.Close();
        _space.Close();
        return _running ?? Task.CompletedTask;
    }

    private static int RoundUp(int capacity) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity);

    private async Task RunAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await _pending.WaitAsync().ConfigureAwait(false);
                while (TryChoose(out var ticket, out var kept) && !cancellationToken.IsCancellationRequested)
                {
                    if (ticket > 0) await handler.WhenDurableAsync(ticket, cancellationToken).ConfigureAwait(false);
                    if (kept > 0) await journal!.WhenDurableAsync(kept).ConfigureAwait(false);
                    WriteUpTo(Math.Max(ticket, handler.DurableTicket), journal?.Durable ?? 0);
                    if (Volatile.Read(ref _spaceWanted))
                    {
                        Volatile.Write(ref _spaceWanted, false);
                        _space.Set();
                    }
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The connection closed.
        }
        catch (Exception e)
        {
            failed(e);
        }
    }

    /// <summary>
    /// The tickets to wait for: the oldest when the handler tells how far it is, else the newest; and the session journal's of the same. 0 when none needs waiting.
    /// </summary>
    private bool TryChoose(out long ticket, out long kept)
    {
        lock (_grow)
        {
            (ticket, kept) = (0, 0);
            var tail = Volatile.Read(ref _tail);
            var oldest = handler.DurableTicket >= 0;
            for (var i = _head; i != tail; i++)
            {
                ticket = Math.Max(ticket, At(i).Ticket);
                kept = Math.Max(kept, At(i).Kept);
                if (oldest && ticket > 0) break;
            }

            return _head != tail;
        }
    }

    /// <summary>Writes the acknowledgements from the front that need no later ticket than these.</summary>
    private void WriteUpTo(long durable, long durablyKept)
    {
        var count = 0;
        lock (_grow)
        {
            lock (output.Gate)
            {
                var ended = 0;
                var end = _head;
                var used = 0;
                var tail = Volatile.Read(ref _tail);
                var span = output.IsClosed ? default : output.Writer.GetSpan((int)(tail - _head) * 5);
                for (; end != tail && At(end).Ticket <= durable && At(end).Kept <= durablyKept; end++)
                {
                    ref readonly var entry = ref At(end);
                    if (entry.Type == MqttPacketType.PubAck || (byte)entry.Reason >= 0x80) ended++;
                    if (!output.IsClosed) used += AckBody.Write(span[used..], entry.Type, version, entry.PacketId, entry.Reason);
                }

                if (used > 0) output.Writer.Advance(used);
                count = (int)(end - _head);

                // Before the flush: a client may use the freed places as soon as it reads the acknowledgement.
                if (ended > 0) Ended(ended);
                Volatile.Write(ref _head, end);
            }
        }

        metrics?.Acknowledged(count);
        written?.Invoke(count);
        output.Flush();
    }

    private ref readonly Entry At(uint index) => ref _ring[index & (uint)(_ring.Length - 1)];

    private void Grow()
    {
        lock (_grow)
        {
            var larger = new Entry[_ring.Length * 2];
            for (var i = _head; i != _tail; i++) larger[i & (uint)(larger.Length - 1)] = _ring[i & (uint)(_ring.Length - 1)];
            _ring = larger;
        }
    }

    /// <param name="Ticket">The application's.</param>
    /// <param name="Kept">The session journal's.</param>
    private readonly record struct Entry(long Ticket, long Kept, ushort PacketId, MqttPacketType Type, MqttReasonCode Reason);
}
