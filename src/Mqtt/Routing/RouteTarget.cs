namespace SmartCity.Mqtt;

/// <summary>
/// Who gets messages of a topic: one session, with its matching subscriptions taken together so that it gets one copy (MQTT 5.0 §3.3.4),
/// or one member of a shared subscription, chosen for each message.
/// </summary>
internal sealed class RouteTarget
{
    public RouteTarget(MqttSession session) => Session = session;

    public RouteTarget(SharedGroup group) => Group = group;

    /// <summary>Null for a shared subscription.</summary>
    public MqttSession? Session { get; }

    /// <summary>Null for a session's own subscriptions.</summary>
    public SharedGroup? Group { get; }

    /// <summary>Highest QoS of the matching subscriptions (MQTT-3.3.4-2).</summary>
    public MqttQoS QoS { get; private set; }

    public bool RetainAsPublished { get; private set; }

    /// <summary>True when every matching subscription wants no messages of its own client.</summary>
    public bool NoLocal { get; private set; } = true;

    /// <summary>Identifiers of all matching subscriptions that have one; null for none.</summary>
    public uint[]? Ids { get; private set; }

    public void Add(Subscriber subscriber)
    {
        var options = subscriber.Options;
        if (options.QoS > QoS) QoS = options.QoS;
        RetainAsPublished |= options.RetainAsPublished;
        NoLocal &= options.NoLocal;
        if (subscriber.Id != 0) Ids = [.. Ids ?? [], subscriber.Id];
    }

    /// <summary>Delivers one message of a QoS to whom it concerns.</summary>
    public EnqueueOutcome Deliver(ApplicationMessage message, MqttQoS qos, bool retain)
    {
        if (Group is not null) return Group.Deliver(message, qos);
        if (NoLocal && Session == message.Origin) return default;
        return Session!.Enqueue(message, qos < QoS ? qos : QoS, retain && RetainAsPublished, Ids, group: null);
    }
}
