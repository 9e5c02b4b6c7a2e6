namespace SmartCity.Mqtt;

/// <summary>
/// What outlives a connection (§4.1): subscriptions, messages on their way to the client, and the identifiers of QoS 2 messages from it.
/// At most one connection owns it at a time.
/// </summary>
internal sealed partial class MqttSession(string clientId, SessionBudget budget)
{
    private readonly Queue<Delivery> _queue = new();
    private Dictionary<ushort, InFlight>? _inFlight;
    private long _bytes;
    private long _sequence;
    private int _window = budget.Limits.MaxOutboundInFlight;
    private ushort _lastPacketId;
    private bool _isSlow;
    private TaskCompletionSource? _relieved;

    public string ClientId { get; } = clientId;

    public Lock Gate { get; } = new();

    /// <summary>The connection that owns the session; null between connections. Under <see cref="Gate"/>.</summary>
    public MqttConnection? Connection { get; set; }

    public bool IsConnected => Connection is not null;

    /// <summary>True when the broker has forgotten the session. Under <see cref="Gate"/>.</summary>
    public bool Removed { get; private set; }

    /// <summary>Time stamp at which the session ends; 0 while connected. Under <see cref="Gate"/>.</summary>
    public long EndsAt { get; set; }

    /// <summary>A will that waits for its delay, and the time stamp at which it is due. Under <see cref="Gate"/>.</summary>
    public (PendingWill? Will, long DueAt) Will { get; set; }

    /// <summary>What <see cref="Send"/> stopped at because the session journal does not hold it yet; 0 for nothing.</summary>
    public long AwaitedTicket { get; private set; }

    /// <summary>Messages waiting, in flight included.</summary>
    public int Queued
    {
        get
        {
            lock (Gate) return Waiting;
        }
    }

    private int Waiting => _queue.Count + (_inFlight?.Count ?? 0);

    /// <summary>Sets the window for a new connection.</summary>
    /// <param name="receiveMaximum">The client's Receive Maximum.</param>
    public void SetWindow(ushort receiveMaximum)
    {
        lock (Gate)
        {
            _window = Math.Min(receiveMaximum, budget.Limits.MaxOutboundInFlight);
            _isSlow = false;
        }
    }

    /// <summary>Puts a message into the queue.</summary>
    public EnqueueOutcome Enqueue(ApplicationMessage message, MqttQoS qos, bool retain, uint[]? subscriptionIds, SharedGroup? group)
    {
        MqttConnection? connection;
        bool congested;
        var ticket = 0L;
        var limits = budget.Limits;
        lock (Gate)
        {
            connection = Connection;

            // QoS 0 is not kept for a session without a connection (§4.3.1).
            if (Removed || (connection is null && qos == MqttQoS.AtMostOnce)) return new(EnqueueStatus.Ignored, this);
            if (Waiting >= limits.MaxQueuedMessages || _bytes + message.Size > limits.MaxQueuedBytes || !budget.TryTake(message.Size))
            {
                budget.Metrics.Drop(qos == MqttQoS.AtMostOnce ? MqttDropReason.SlowSubscriber : MqttDropReason.QueueFull);
                return new(qos == MqttQoS.AtMostOnce || connection is null ? EnqueueStatus.Dropped : EnqueueStatus.Overflow, this);
            }

            var delivery = new Delivery(message, qos, retain, subscriptionIds, qos == MqttQoS.AtMostOnce ? (ushort)0 : NextPacketId(), group);
            if (Journal is not null && qos > MqttQoS.AtMostOnce) delivery = delivery with { Ticket = ticket = Journal.Queued(Number, delivery) };
            _queue.Enqueue(delivery);
            _bytes += message.Size;
            congested = connection is not null && !_isSlow && IsHalfFull;
        }

        connection?.WakeSender();
        return new(EnqueueStatus.Queued, this, congested, ticket);
    }

    /// <summary>
    /// Back-pressure from a subscriber to those who publish to it: completes when a quarter of the queue is left, or when the subscriber turns out to be
    /// too slow to wait for (<see cref="MqttLimits.SlowSubscriberWait"/>). A slow one is not waited for again before its queue has been empty.
    /// </summary>
    public async ValueTask WhenRelievedAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        Task relieved;
        lock (Gate)
        {
            if (_isSlow || Connection is null || !IsHalfFull) return;
            relieved = (_relieved ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        try
        {
            await relieved.WaitAsync(budget.Limits.SlowSubscriberWait, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            lock (Gate)
            {
                _isSlow = true;
                Relieve();
            }
        }
    }

    /// <summary>Writes what the window allows, at most about 64 KiB. True when something was written.</summary>
    public bool Send(MqttConnection connection, PacketOutput output, PublishWriter writer)
    {
        lock (Gate)
        {
            AwaitedTicket = 0;
            if (Connection != connection) return false;
            var written = 0L;
            lock (output.Gate)
            {
                while (!output.IsClosed && written < 64 * 1024 && _queue.TryPeek(out var next))
                {
                    if (next.QoS > 0 && (_inFlight?.Count ?? 0) >= _window) break;
                    if (next.Ticket > 0 && next.Ticket > Journal!.Durable)
                    {
                        AwaitedTicket = next.Ticket;
                        break;
                    }

                    _queue.Dequeue();
                    var size = writer.Write(output.Writer, next, duplicate: false);
                    written += size;
                    if (size > 0 && next.QoS > 0)
                    {
                        (_inFlight ??= []).Add(next.PacketId, new(next, _sequence++));
                        Journal?.Progress(JournalRecord.Sent, Number, next.PacketId);
                    }
                    else Return(next);
                }
            }

            if (_queue.Count == 0) _isSlow = false;
            if (_relieved is not null && IsQuarterFull) Relieve();
            return written > 0;
        }
    }

    /// <summary>After a resumed session: sends again what was in flight, in the original order (MQTT-4.4.0-1, MQTT-4.6.0-1).</summary>
    public void Resend(PacketOutput output, PublishWriter writer, MqttProtocolVersion version)
    {
        lock (Gate)
        {
            if (_inFlight is null) return;
            lock (output.Gate)
            {
                foreach (var (id, entry) in _inFlight.OrderBy(f => f.Value.Sequence).ToList())
                {
                    if (output.IsClosed) return;
                    if (entry.Received) new PubRelPacket(id).Write(output.Writer, version);
                    else if (writer.Write(output.Writer, entry.Delivery, duplicate: true) == 0) Forget(id);
                }
            }
        }
    }

    /// <summary>PUBACK or PUBCOMP: the message has arrived. False for an unknown identifier.</summary>
    public bool Complete(ushort packetId)
    {
        lock (Gate) return Forget(packetId);
    }

    /// <summary>PUBREC: the message has arrived, its identifier waits for PUBCOMP. False for an unknown identifier.</summary>
    /// <param name="ticket">Of the session journal, for PUBREL to wait for: a client that got it forgets the identifier.</param>
    public bool MarkReceived(ushort packetId, out long ticket)
    {
        ticket = 0;
        lock (Gate)
        {
            if (_inFlight is null || !_inFlight.TryGetValue(packetId, out var entry) || entry.Delivery.QoS != MqttQoS.ExactlyOnce) return false;
            _inFlight[packetId] = entry with { Received = true };
            ticket = Journal?.Progress(JournalRecord.Received, Number, packetId) ?? 0;
            return true;
        }
    }

    /// <summary>Those who wait for room go on: the connection is over. Under <see cref="Gate"/>.</summary>
    public void Relieve()
    {
        _relieved?.TrySetResult();
        _relieved = null;
    }

    /// <summary>
    /// The broker forgets the session. Under <see cref="Gate"/>. Answers what came by a shared subscription and may go to another member: what was not
    /// sent, and QoS 1 without an acknowledgement; a QoS 2 message that was sent goes to nobody else (MQTT-4.8.2-5).
    /// </summary>
    public List<Delivery> End()
    {
        Removed = true;
        Journal?.Ended(Number);
        Relieve();
        var orphans = _queue.Where(d => d.Group is not null).ToList();
        if (_inFlight is not null)
        {
            orphans.InsertRange(0, _inFlight.Values.Where(f => f.Delivery is { Group: not null, QoS: MqttQoS.AtLeastOnce }).OrderBy(f => f.Sequence).Select(f => f.Delivery));
        }

        budget.Give(_bytes);
        _bytes = 0;
        _queue.Clear();
        _inFlight = null;
        return orphans;
    }

    private bool IsHalfFull => Waiting * 2 > budget.Limits.MaxQueuedMessages || _bytes * 2 > budget.Limits.MaxQueuedBytes;

    private bool IsQuarterFull => Waiting * 4 <= budget.Limits.MaxQueuedMessages && _bytes * 4 <= budget.Limits.MaxQueuedBytes;

    private bool Forget(ushort packetId)
    {
        if (_inFlight is null || !_inFlight.Remove(packetId, out var entry)) return false;
        Return(entry.Delivery);
        return true;
    }

    private void Return(in Delivery delivery)
    {
        if (delivery.QoS > MqttQoS.AtMostOnce) Journal?.Progress(JournalRecord.Completed, Number, delivery.PacketId);
        _bytes -= delivery.Message.Size;
        budget.Give(delivery.Message.Size);
    }

    /// <summary>Identifiers go round in the order of the queue; as it holds fewer than there are, only one in flight can be in the way.</summary>
    private ushort NextPacketId()
    {
        do
        {
            _lastPacketId = (ushort)(_lastPacketId == ushort.MaxValue ? 1 : _lastPacketId + 1);
        }
        while (_inFlight?.ContainsKey(_lastPacketId) == true);

        return _lastPacketId;
    }

    private readonly record struct InFlight(Delivery Delivery, long Sequence, bool Received = false);
}
