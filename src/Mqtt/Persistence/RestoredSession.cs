namespace SmartCity.Mqtt;

/// <summary>A session as an earlier process left it.</summary>
internal sealed class RestoredSession(string clientId)
{
    public string ClientId { get; } = clientId;

    public MqttProtocolVersion Version { get; private set; }

    /// <summary>Seconds that it outlives its connection.</summary>
    public uint ExpirySeconds { get; private set; }

    public string? UserName { get; private set; }

    /// <summary>Null when there is none, or when it has been published.</summary>
    public MqttWill? Will { get; private set; }

    /// <summary>Unix milliseconds; 0 when it had a connection to the last.</summary>
    public long EndsAt { get; private set; }

    /// <summary>Unix milliseconds; 0 while it had a connection.</summary>
    public long WillDueAt { get; private set; }

    public Dictionary<string, (MqttSubscription Subscription, uint Id)> Subscriptions { get; } = new(StringComparer.Ordinal);

    public Dictionary<ushort, RestoredDelivery> Deliveries { get; } = [];

    /// <summary>QoS 2 identifiers with the application's ticket.</summary>
    public Dictionary<ushort, long> Unreleased { get; } = [];

    public void ReadOwner(ref JournalCursor cursor)
    {
        Version = (MqttProtocolVersion)cursor.Byte();
        ExpirySeconds = cursor.Int();
        (EndsAt, WillDueAt, Will, UserName) = (0, 0, null, null);
        if (cursor.Byte() == 0) return;
        var user = cursor.Text();
        UserName = user.Length == 0 ? null : user;
        var topic = cursor.Text();
        var payload = cursor.Bytes().ToArray();
        var qos = (MqttQoS)cursor.Byte();
        var retain = cursor.Byte() != 0;
        var properties = cursor.Bytes();
        Will = new(topic, payload, qos, retain) { Properties = properties.IsEmpty ? null : MqttProperties.FromValidated(properties, PropertyScopes.Will) };
    }

    public void Detach(long endsAt, long willDueAt)
    {
        (EndsAt, WillDueAt) = (endsAt, willDueAt);
        if (willDueAt == 0) Will = null;
    }
}
