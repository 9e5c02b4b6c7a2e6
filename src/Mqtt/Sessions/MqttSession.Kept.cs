namespace SmartCity.Mqtt;

/// <content>What is kept over a restart: every change goes to the session journal, under the gate, in the order in which it happens.</content>
internal sealed partial class MqttSession
{
    private Dictionary<string, Subscriber>? _subscriptions;
    private Dictionary<ushort, UnreleasedPublish>? _unreleased;
    private MqttProtocolVersion _version;
    private uint _expirySeconds;
    private PendingWill? _ownerWill;

    /// <summary>Null for a session that ends with its connection, or without a journal.</summary>
    public SessionJournal? Journal { get; private set; }

    /// <summary>Number in the journal.</summary>
    public long Number { get; private set; }

    /// <summary>Filter to subscription. Only the owning connection's read loop changes it, under <see cref="Gate"/>.</summary>
    public IReadOnlyDictionary<string, Subscriber> Subscriptions => _subscriptions ??= new(StringComparer.Ordinal);

    /// <summary>A connection takes the session, which will outlive it. Under <see cref="Gate"/>.</summary>
    /// <param name="number">Its number when it is not kept yet.</param>
    public void Keep(SessionJournal journal, long number, MqttProtocolVersion version, uint expirySeconds, PendingWill? will)
    {
        (_version, _expirySeconds, _ownerWill) = (version, expirySeconds, will);
        if (Journal is not null)
        {
            Journal.Attached(Number, version, expirySeconds, will);
            return;
        }

        (Journal, Number) = (journal, number);
        var state = new JournalBuffer();
        WriteState(state, endsAt: 0, willDueAt: 0);
        journal.State(state);
    }

    /// <summary>Subscribes; answers the journal's ticket.</summary>
    public long Subscribe(Subscriber subscriber)
    {
        lock (Gate)
        {
            (_subscriptions ??= new(StringComparer.Ordinal))[subscriber.Options.Filter] = subscriber;
            return Journal?.Subscribed(Number, subscriber.Options, subscriber.Id) ?? 0;
        }
    }

    /// <summary>Unsubscribes; answers the journal's ticket. False when there was no such subscription.</summary>
    public bool Unsubscribe(string filter, out long ticket)
    {
        lock (Gate)
        {
            ticket = 0;
            if (_subscriptions?.Remove(filter) != true) return false;
            ticket = Journal?.Unsubscribed(Number, filter) ?? 0;
            return true;
        }
    }

    /// <summary>A QoS 2 identifier that was received and is not released yet (§4.3.3 method A).</summary>
    public bool TryGetUnreleased(ushort packetId, out UnreleasedPublish publish)
    {
        publish = default;
        lock (Gate) return _unreleased?.TryGetValue(packetId, out publish) == true;
    }

    /// <summary>Remembers a QoS 2 identifier until it is released; answers the journal's ticket.</summary>
    /// <param name="source">The application's ticket of the message.</param>
    /// <param name="routed">The journal's ticket of what it was routed to.</param>
    public long AddUnreleased(ushort packetId, long source, long routed)
    {
        lock (Gate)
        {
            var ticket = Math.Max(routed, Journal?.Unreleased(Number, packetId, source) ?? 0);
            (_unreleased ??= []).Add(packetId, new(source, ticket));
            return ticket;
        }
    }

    /// <summary>PUBREL. False for an unknown identifier.</summary>
    /// <param name="ticket">The journal's, for PUBCOMP to wait for: a client that got it uses the identifier for its next message.</param>
    public bool Release(ushort packetId, out long ticket)
    {
        lock (Gate)
        {
            ticket = 0;
            if (_unreleased?.Remove(packetId) != true) return false;
            ticket = Journal?.Progress(JournalRecord.Released, Number, packetId) ?? 0;
            return true;
        }
    }

    /// <summary>Writes all that the session holds. Under <see cref="Gate"/>.</summary>
    /// <param name="endsAt">Unix milliseconds; 0 while connected.</param>
    /// <param name="willDueAt">Unix milliseconds; 0 for no will that waits.</param>
    public void WriteState(JournalBuffer state, long endsAt, long willDueAt)
    {
        SessionJournal.WriteStarted(state, Number, ClientId, _version, _expirySeconds, endsAt == 0 ? _ownerWill : Will.Will);
        foreach (var subscriber in Subscriptions.Values) SessionJournal.WriteSubscribed(state, Number, subscriber.Options, subscriber.Id);
        foreach (var (packetId, entry) in _inFlight?.OrderBy(f => f.Value.Sequence) ?? Enumerable.Empty<KeyValuePair<ushort, InFlight>>())
        {
            SessionJournal.WriteQueued(state, Number, entry.Delivery);
            state.Begin(entry.Received ? JournalRecord.Received : JournalRecord.Sent, Number).Short(packetId);
        }

        foreach (var delivery in _queue)
        {
            if (delivery.QoS > MqttQoS.AtMostOnce) SessionJournal.WriteQueued(state, Number, delivery);
        }

        foreach (var (packetId, publish) in _unreleased ?? []) state.Begin(JournalRecord.Unreleased, Number).Short(packetId).Long(publish.Source);
        if (endsAt != 0) SessionJournal.WriteDetached(state, Number, endsAt, willDueAt);
    }

    /// <summary>Takes over what an earlier process left. Before anybody else knows the session.</summary>
    /// <param name="isSound">Whether the application holds the message of a ticket; a publisher that was not acknowledged sends again.</param>
    /// <param name="findGroup">Finds a shared subscription by its filter.</param>
    public void Restore(RestoredSession restored, SessionJournal journal, long number, Func<long, bool> isSound, Func<string, SharedGroup?> findGroup)
    {
        (Journal, Number, _version, _expirySeconds) = (journal, number, restored.Version, restored.ExpirySeconds);
        foreach (var entry in restored.Deliveries.Values.OrderBy(d => d.Order).Where(d => isSound(d.Source)))
        {
            var group = entry.Group.Length == 0 ? null : findGroup(entry.Group);
            var delivery = new Delivery(entry.Message, entry.QoS, entry.Retain, entry.SubscriptionIds, entry.PacketId, group);
            _bytes += entry.Message.Size;
            budget.Take(entry.Message.Size);
            _lastPacketId = entry.PacketId;
            if (entry.WasSent) (_inFlight ??= []).Add(entry.PacketId, new(delivery, _sequence++, entry.WasReceived));
            else _queue.Enqueue(delivery);
        }

        foreach (var (packetId, source) in restored.Unreleased)
        {
            if (isSound(source)) (_unreleased ??= []).Add(packetId, new(source, 0));
        }
    }

    /// <summary>While restoring: the subscription alone, without a record.</summary>
    public void RestoreSubscription(Subscriber subscriber) => (_subscriptions ??= new(StringComparer.Ordinal))[subscriber.Options.Filter] = subscriber;
}
