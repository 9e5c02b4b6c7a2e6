namespace SmartCity.Mqtt;

/// <summary>One session that gets messages of a topic: its matching subscriptions taken together, so that it gets one copy (MQTT 5.0 §3.3.4).</summary>
internal sealed class RouteTarget(MqttSession session)
{
    public MqttSession Session { get; } = session;

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
}
