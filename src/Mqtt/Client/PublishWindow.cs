namespace SmartCity.Mqtt;

/// <summary>
/// The QoS 1 and 2 messages of a client that are not acknowledged. With a kept session they outlive a connection: the next one sends them again,
/// in their order and with their identifiers (MQTT-4.4.0-1, MQTT-4.6.0-1); otherwise they fail with their connection.
/// </summary>
internal sealed class PublishWindow
{
    private const int EveryWaiter = 1 << 30;

    private readonly PublishSlot[] _slots;
    private readonly Stack<PublishSlot> _free;
    private readonly Queue<PublishSlot> _resend = new();
    private readonly bool _kept;
    private readonly TimeProvider _time;
    private ClientConnection? _connection;
    private TaskCompletionSource? _allFree;
    private long _order;
    private bool _resendAsDuplicates;
    private int _quota;
    private int _debt; // places that are taken beyond the quota of this connection
    private int _outstanding; // QoS 1 and 2 messages that this connection has written and that are not acknowledged

    public PublishWindow(MqttClientOptions options)
    {
        _slots = [.. Enumerable.Range(1, Math.Clamp(options.MaxInFlight, 1, 32_767)).Select(id => new PublishSlot((ushort)id, this))];
        _free = new(_slots.Reverse());
        _kept = options.KeepsSession;
        _time = options.Time;
    }

    /// <summary>Guards the window and is the gate of the output of every connection, so that what is noted and what is written are in one order.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Identifiers from 1 to this are messages; those above are for other requests.</summary>
    public int Capacity => _slots.Length;

    /// <summary>
    /// Begins with a new connection: sends again what is under way, as duplicates when the server has the session, anew when it has not.
    /// No more than the Receive Maximum at once; that may be less than before.
    /// </summary>
    public void Attach(ClientConnection connection, int receiveMaximum, bool sessionPresent)
    {
        lock (Gate)
        {
            _connection = connection;
            _quota = Math.Min(receiveMaximum, _slots.Length);
            _outstanding = 0;
            _resend.Clear();
            foreach (var slot in _slots.Where(s => s.Busy).OrderByDescending(s => s.Released).ThenBy(s => s.Order).ToList())
            {
                if (!slot.Released)
                {
                    _resend.Enqueue(slot);
                }
                else if (sessionPresent)
                {
                    new PubRelPacket(slot.PacketId).Write(connection.Output.Writer, connection.Version);
                    slot.ReleasedAgain = true;
                    _outstanding++;
                }
                else
                {
                    // The server said that it had the message; sending it to a new session would deliver it twice.
                    Finish(slot, MqttReasonCode.Success);
                }
            }

            var taken = _slots.Length - _free.Count;
            _debt = Math.Max(0, taken - _quota);
            var places = Math.Max(0, _quota - taken);
            if (places > 0) connection.Places.Release(places);
            _resendAsDuplicates = sessionPresent;
            SendAgain();
        }
    }

    /// <summary>The connection is over.</summary>
    public void Detach(ClientConnection connection, Exception failure)
    {
        lock (Gate)
        {
            if (_connection != connection) return;
            _connection = null;

            // Whoever waits for a place comes through, and finds the connection ended.
            connection.Places.Release(EveryWaiter);
        }

        if (!_kept) Fail(failure);
    }

    /// <summary>Nothing will be acknowledged any more.</summary>
    public void Fail(Exception failure)
    {
        lock (Gate)
        {
            foreach (var slot in _slots.Where(s => s.Busy))
            {
                slot.Busy = false;
                if (slot.Pipelined) _free.Push(slot);
                else slot.Fail(failure);
            }

            _allFree?.TrySetException(failure);
            _allFree = null;
        }
    }

    /// <summary>Notes a message that is about to be written; under the gate, with a place taken.</summary>
    public PublishSlot Take(in OutboundPublish publish, bool pipelined, out ValueTask<MqttReasonCode> answer)
    {
        var slot = _free.Pop();
        slot.Busy = true;
        slot.Released = false;
        slot.ReleasedAgain = false;
        slot.Pipelined = pipelined;
        slot.SentAt = _time.GetTimestamp();
        slot.Order = ++_order;
        slot.Hold(publish, _kept);
        _outstanding++;
        answer = pipelined ? default : slot.Begin();
        return slot;
    }

    /// <summary>PUBACK, PUBCOMP, or a PUBREC that refuses.</summary>
    /// <param name="reason">Becomes what the message's sender is told.</param>
    /// <returns>The message, when nobody awaits it; its place is given back with <see cref="ReleasePlaces"/>.</returns>
    public PublishSlot? Acknowledge(ClientConnection connection, MqttPacketType type, ushort packetId, ref MqttReasonCode reason)
    {
        lock (Gate)
        {
            if (_connection != connection || Find(packetId) is not { } slot) return null;
            var expected = slot.Publish.QoS == MqttQoS.AtLeastOnce ? MqttPacketType.PubAck : slot.Released ? MqttPacketType.PubComp : MqttPacketType.PubRec;
            if (type != expected) return null;

            // The server had completed the message and its PUBCOMP was lost: "not an error during recovery" (MQTT 5.0 §3.7.2.1).
            if (slot.ReleasedAgain && reason == MqttReasonCode.PacketIdentifierNotFound) reason = MqttReasonCode.Success;
            _outstanding--;
            Finish(slot, reason);
            SendAgain();
            return slot.Pipelined ? slot : null;
        }
    }

    /// <summary>A PUBREC that accepts.</summary>
    /// <returns>False when no message has the identifier.</returns>
    public bool Release(ClientConnection connection, ushort packetId)
    {
        lock (Gate)
        {
            if (_connection != connection || Find(packetId) is not { Publish.QoS: MqttQoS.ExactlyOnce } slot) return false;
            if (slot.Released) return true;
            slot.Released = true;
            slot.Order = ++_order;
            return true;
        }
    }

    /// <summary>Gives places of acknowledged messages back.</summary>
    public void ReleasePlaces(ClientConnection connection, int count)
    {
        lock (Gate)
        {
            if (_connection == connection) GiveBack(count);
        }
    }

    /// <summary>The awaiter of a message has its answer.</summary>
    public void Free(PublishSlot slot)
    {
        lock (Gate)
        {
            slot.Busy = false;
            Push(slot);
            if (_connection is not null) GiveBack(1);
        }
    }

    /// <summary>Completes when no acknowledgement is missing.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        Task drained;
        lock (Gate)
        {
            if (_free.Count == _slots.Length) return;
            drained = (_allFree ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        await drained.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private PublishSlot? Find(ushort packetId) => packetId <= _slots.Length && packetId > 0 && _slots[packetId - 1] is { Busy: true } slot ? slot : null;

    private void SendAgain()
    {
        var connection = _connection!;
        while (_outstanding < _quota && _resend.TryDequeue(out var slot))
        {
            if (connection.Limits.Refuse(slot.Publish) is { } refusal)
            {
                // The server that came back takes less than the one that left.
                slot.Busy = false;
                if (slot.Pipelined) Push(slot);
                else slot.Fail(new MqttProtocolException(refusal));
                continue;
            }

            _outstanding++;
            slot.SentAt = _time.GetTimestamp();
            connection.WriteAgain(slot, _resendAsDuplicates);
        }
    }

    private void Finish(PublishSlot slot, MqttReasonCode reason)
    {
        // A second acknowledgement must not find it. An awaited one stays taken until its awaiter has read the answer.
        slot.Busy = false;
        if (slot.Pipelined) Push(slot);
        else slot.Complete(reason);
    }

    private void GiveBack(int count)
    {
        var settled = Math.Min(count, _debt);
        _debt -= settled;
        if (count > settled) _connection!.Places.Release(count - settled);
    }

    private void Push(PublishSlot slot)
    {
        _free.Push(slot);
        if (_allFree is null || _free.Count < _slots.Length) return;
        _allFree.TrySetResult();
        _allFree = null;
    }
}
