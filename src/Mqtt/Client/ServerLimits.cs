namespace SmartCity.Mqtt;

/// <summary>What a v5 server said in its CONNACK that it does not take (§3.2.2.3). Checked before anything is sent: the server would close the connection.</summary>
internal sealed class ServerLimits
{
    private readonly MqttProtocolVersion _version;
    private readonly long _maxPacketSize = long.MaxValue;
    private readonly MqttQoS _maxQoS = MqttQoS.ExactlyOnce;
    private readonly bool _retain = true;
    private readonly bool _wildcards = true;
    private readonly bool _shared = true;
    private readonly bool _open = true;

    public ServerLimits(MqttProtocolVersion version, MqttProperties? properties)
    {
        _version = version;
        if (properties is null) return;
        _maxPacketSize = properties.MaximumPacketSize ?? long.MaxValue;
        _maxQoS = properties.MaximumQoS switch { null => MqttQoS.ExactlyOnce, true => MqttQoS.AtLeastOnce, _ => MqttQoS.AtMostOnce };
        _retain = properties.RetainAvailable ?? true;
        _wildcards = properties.WildcardSubscriptionAvailable ?? true;
        _shared = properties.SharedSubscriptionAvailable ?? true;
        _open = _maxPacketSize == long.MaxValue && _maxQoS == MqttQoS.ExactlyOnce && _retain;
    }

    /// <summary>Why the server would not take the message; null when it would.</summary>
    public MqttViolation? Refuse(in OutboundPublish publish)
    {
        if (_open) return null;
        if (publish.QoS > _maxQoS)
        {
            return new(MqttReasonCode.QoSNotSupported, $"The MQTT broker takes QoS {(int)_maxQoS} at most; the message has QoS {(int)publish.QoS}. Publish with QoS {(int)_maxQoS}.", "MQTT-3.2.2-11");
        }

        if (publish.Retain && !_retain)
        {
            return new(MqttReasonCode.RetainNotSupported, "The MQTT broker has no retained messages. Publish without retain.", "MQTT-3.2.2-14");
        }

        var size = PublishPacket.Size(_version, publish.QoS, publish.Topic.Length, publish.Properties.Length, publish.Payload.Length);
        return size <= _maxPacketSize ? null : new(
            MqttReasonCode.PacketTooLarge, $"The message makes a packet of {size} bytes; the MQTT broker takes {_maxPacketSize}. Publish less at once.", "MQTT-3.2.2-15");
    }

    /// <summary>Why the server would not take the subscription; null when it would.</summary>
    public MqttViolation? Refuse(in MqttSubscription subscription) =>
        !_shared && SharedFilter.IsShared(subscription.Filter)
            ? new(MqttReasonCode.SharedSubscriptionsNotSupported, $"The MQTT broker has no shared subscriptions. Subscribe without $share instead of '{subscription.Filter}'.", "MQTT-3.2.2-21")
        : !_wildcards && subscription.Filter.AsSpan().ContainsAny('+', '#')
            ? new(MqttReasonCode.WildcardSubscriptionsNotSupported, $"The MQTT broker has no wildcards. Subscribe to whole topics instead of '{subscription.Filter}'.", "MQTT-3.2.2-19")
        : null;
}
