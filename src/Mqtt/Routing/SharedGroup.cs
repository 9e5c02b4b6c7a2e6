namespace SmartCity.Mqtt;

/// <summary>
/// The sessions that share one subscription (MQTT 5.0 §4.8.2): each message goes to one of them. Members take turns; one that is connected goes
/// before one that is not, and one whose queue has room before one whose queue is full.
/// </summary>
internal sealed class SharedGroup(string filter)
{
    private Subscriber[] _members = [];
    private uint _turn;

    /// <summary>The whole filter, <c>$share/…</c> included.</summary>
    public string Filter { get; } = filter;

    public bool IsEmpty => Volatile.Read(ref _members).Length == 0;

    /// <summary>Adds or replaces; true when the session was a member already. Under the lock of the subscriptions.</summary>
    public bool Add(Subscriber subscriber)
    {
        var existed = _members.Any(m => m.Session == subscriber.Session);
        Volatile.Write(ref _members, [.. _members.Where(m => m.Session != subscriber.Session), subscriber]);
        return existed;
    }

    /// <summary>Removes; false when the session was no member. Under the lock of the subscriptions.</summary>
    public bool Remove(MqttSession session)
    {
        if (_members.All(m => m.Session != session)) return false;
        Volatile.Write(ref _members, [.. _members.Where(m => m.Session != session)]);
        return true;
    }

    /// <summary>Gives the message to one member, at the QoS of that member's subscription (MQTT-4.8.2-3).</summary>
    /// <param name="qos">QoS of the message.</param>
    public EnqueueOutcome Deliver(ApplicationMessage message, MqttQoS qos)
    {
        var members = Volatile.Read(ref _members);
        if (members.Length == 0) return default;
        var first = Interlocked.Increment(ref _turn);
        var outcome = default(EnqueueOutcome);
        for (var pass = 0; pass < 2; pass++)
        {
            for (var i = 0u; i < members.Length; i++)
            {
                var member = members[(first + i) % (uint)members.Length];
                if (member.Session.IsConnected != (pass == 0)) continue;
                var granted = qos < member.Options.QoS ? qos : member.Options.QoS;
                var tried = member.Session.Enqueue(message, granted, retain: false, member.Ids, this);
                if (tried.Status == EnqueueStatus.Queued) return tried;
                if (outcome.Session is null) outcome = tried;
            }
        }

        return outcome;
    }
}
