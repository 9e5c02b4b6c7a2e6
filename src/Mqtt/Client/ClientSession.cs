namespace SmartCity.Mqtt;

/// <summary>What outlives a connection of a client (§4.1): messages under way in both directions.</summary>
internal sealed class ClientSession(MqttClientOptions options)
{
    private readonly HashSet<ushort> _unreleased = [];
    private ClientConnection? _newest;
    private long _acknowledgements;

    /// <summary>PUBACK and PUBREC sent.</summary>
    public long AcknowledgementsSent => Interlocked.Read(ref _acknowledgements);

    public PublishWindow Window { get; } = new(options);

    public void CountAcknowledgements(int count) => Interlocked.Add(ref _acknowledgements, count);

    /// <summary>Begins with a new connection.</summary>
    public void Attach(ClientConnection connection, int receiveMaximum, bool sessionPresent)
    {
        lock (Window.Gate)
        {
            _newest = connection;
            if (!sessionPresent) _unreleased.Clear();
            Window.Attach(connection, receiveMaximum, sessionPresent);
        }
    }

    /// <summary>True when a QoS 2 message with this identifier was taken and is not released: a resend is not delivered (MQTT-4.3.3-12).</summary>
    public bool IsTaken(ushort packetId)
    {
        lock (Window.Gate) return _unreleased.Contains(packetId);
    }

    /// <summary>A QoS 2 message is taken. Ignored once a newer connection has begun: it may have been delivered there again.</summary>
    public void Taken(ClientConnection connection, ushort packetId)
    {
        lock (Window.Gate)
        {
            if (_newest == connection) _unreleased.Add(packetId);
        }
    }

    /// <summary>PUBREL, or a handler that gave up.</summary>
    /// <returns>False when it was not taken.</returns>
    public bool Release(ClientConnection connection, ushort packetId)
    {
        lock (Window.Gate) return _newest == connection && _unreleased.Remove(packetId);
    }
}
