namespace SmartCity.Mqtt;

/// <summary>
/// What outlives a connection (§4.1): subscriptions, messages on their way to the client, and the identifiers of QoS 2 messages from it.
/// At most one connection owns it at a time.
/// </summary>
internal sealed class MqttSession(string clientId, MqttLimits limits, MqttMetrics metrics)
{
    private readonly Queue<Delivery> _queue = new();
    private readonly Dictionary<ushort, InFlight> _inFlight = [];
    private long _bytes;
    private long _sequence;
    private ushort _lastPacketId;
    private int _window = limits.MaxOutboundInFlight;

    public string ClientId { get; } = clientId;

    public Lock Gate { get; } = new();

    /// <summary>The connection that owns the session; null between connections. Under <see cref="Gate"/>.</summary>
    public MqttConnection? Connection { get; set; }

    /// <summary>True when the broker has forgotten the session. Under <see cref="Gate"/>.</summary>
    public bool Removed { get; set; }

    /// <summary>Filter to subscription. Only the owning connection's read loop changes it.</summary>
    public Dictionary<string, MqttSubscription> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>QoS 2 identifiers received and not yet released, with the ticket of their PUBLISH (§4.3.3 method A). Only the read loop uses it.</summary>
    public Dictionary<ushort, long> Unreleased { get; } = [];

    /// <summary>Time stamp at which the session ends; 0 while connected. Under <see cref="Gate"/>.</summary>
    public long EndsAt { get; set; }

    /// <summary>A will that waits for its delay, and the time stamp at which it is due. Under <see cref="Gate"/>.</summary>
    public (PendingWill? Will, long DueAt) Will { get; set; }

    /// <summary>Messages waiting, in flight included.</summary>
    public int Queued
    {
        get
        {
            lock (Gate) return _queue.Count + _inFlight.Count;
        }
    }

    /// <summary>Sets the window for a new connection.</summary>
    /// <param name="receiveMaximum">The client's Receive Maximum.</param>
    public void SetWindow(ushort receiveMaximum)
    {
        lock (Gate) _window = Math.Min(receiveMaximum, limits.MaxOutboundInFlight);
    }

    /// <summary>Puts a message into the queue; false when that ended a connected session's right to one (the caller closes it).</summary>
    public bool Enqueue(ApplicationMessage message, MqttQoS qos, bool retain, uint[]? subscriptionIds)
    {
        MqttConnection? connection;
        lock (Gate)
        {
            connection = Connection;

            // QoS 0 is not kept for a session without a connection (§4.3.1).
            if (Removed || (connection is null && qos == MqttQoS.AtMostOnce)) return true;
            if (_queue.Count + _inFlight.Count >= limits.MaxQueuedMessages || _bytes + message.Size > limits.MaxQueuedBytes)
            {
                metrics.Drop(qos == MqttQoS.AtMostOnce ? MqttDropReason.SlowSubscriber : MqttDropReason.QueueFull);
                return qos == MqttQoS.AtMostOnce || connection is null;
            }

            _queue.Enqueue(new(message, qos, retain, subscriptionIds));
            _bytes += message.Size;
        }

        connection?.WakeSender();
        return true;
    }

    /// <summary>Writes what the window allows, at most about 64 KiB. True when something was written.</summary>
    public bool Send(MqttConnection connection, PacketOutput output, PublishWriter writer)
    {
        lock (Gate)
        {
            if (Connection != connection) return false;
            var written = 0L;
            lock (output.Gate)
            {
                while (!output.IsClosed && written < 64 * 1024 && _queue.TryPeek(out var next))
                {
                    if (next.QoS > 0 && _inFlight.Count >= _window) break;
                    _queue.Dequeue();
                    var packetId = next.QoS > 0 ? NextPacketId() : (ushort)0;
                    var size = writer.Write(output.Writer, next, packetId, duplicate: false);
                    if (size > 0) written += size;
                    if (size > 0 && next.QoS > 0) _inFlight.Add(packetId, new(next, _sequence++));
                    else _bytes -= next.Message.Size;
                }
            }

            return written > 0;
        }
    }

    /// <summary>After a resumed session: sends again what was in flight, in the original order (MQTT-4.4.0-1, MQTT-4.6.0-1).</summary>
    public void Resend(PacketOutput output, PublishWriter writer, MqttProtocolVersion version)
    {
        lock (Gate)
        {
            lock (output.Gate)
            {
                foreach (var (id, entry) in _inFlight.OrderBy(f => f.Value.Sequence).ToList())
                {
                    if (output.IsClosed) return;
                    if (entry.Received) new PubRelPacket(id).Write(output.Writer, version);
                    else if (writer.Write(output.Writer, entry.Delivery, id, duplicate: true) == 0) Forget(id);
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
    public bool MarkReceived(ushort packetId)
    {
        lock (Gate)
        {
            if (!_inFlight.TryGetValue(packetId, out var entry) || entry.Delivery.QoS != MqttQoS.ExactlyOnce) return false;
            _inFlight[packetId] = entry with { Received = true };
            return true;
        }
    }

    private bool Forget(ushort packetId)
    {
        if (!_inFlight.Remove(packetId, out var entry)) return false;
        _bytes -= entry.Delivery.Message.Size;
        return true;
    }

    private ushort NextPacketId()
    {
        do
        {
            _lastPacketId = (ushort)(_lastPacketId == ushort.MaxValue ? 1 : _lastPacketId + 1);
        }
        while (_inFlight.ContainsKey(_lastPacketId));

        return _lastPacketId;
    }

    private readonly record struct InFlight(Delivery Delivery, long Sequence, bool Received = false);
}
