using System.Text;

namespace SmartCity.Mqtt;

/// <content>SUBSCRIBE and UNSUBSCRIBE.</content>
internal sealed partial class MqttConnection
{
    private readonly List<Delivery> _retained = [];

    private bool OnSubscribe(SubscribePacket packet, out MqttViolation? violation)
    {
        if (!HasRoomForCodes(packet.Subscriptions.Count, out violation)) return false;
        var id = packet.Properties?.SubscriptionIdentifiers?[0] ?? 0;
        var reasons = new MqttReasonCode[packet.Subscriptions.Count];
        var ticket = 0L;
        for (var i = 0; i < reasons.Length; i++)
        {
            var subscription = packet.Subscriptions[i];
            reasons[i] = CheckSubscription(subscription);
            if (reasons[i] != MqttReasonCode.Success) continue;
            reasons[i] = (MqttReasonCode)subscription.QoS;
            var subscriber = new Subscriber(Session!, subscription, id);
            ticket = Session!.Subscribe(subscriber);
            var existed = _broker.Subscriptions.Add(subscriber);
            if (SharedFilter.IsShared(subscription.Filter)) continue; // gets no retained messages (§3.8.3.1)
            if (subscription.RetainHandling == 0 || (subscription.RetainHandling == 1 && !existed)) CollectRetained(subscription, id);
        }

        new SubAckPacket(packet.PacketId, reasons).Write(RepliesAfter(ticket), _version);
        StartSender();
        return true;
    }

    /// <summary>Sends the retained messages of new subscriptions; after their SUBACK, which some clients expect first.</summary>
    private void SendRetained()
    {
        if (_retained.Count == 0) return;
        foreach (var delivery in _retained)
        {
            if (Session!.Enqueue(delivery.Message, delivery.QoS, retain: true, delivery.SubscriptionIds, group: null).Status != EnqueueStatus.Overflow) continue;
            Close(new MqttViolation(MqttReasonCode.QuotaExceeded, "The retained messages do not fit the session's queue.", "MQTT 5.0 §4.13"));
            break;
        }

        _retained.Clear();
    }

    private void CollectRetained(MqttSubscription subscription, uint id)
    {
        var store = subscription.Filter.StartsWith(SysTopics.Prefix, StringComparison.Ordinal) ? _broker.SysMessages : _broker.Retained;
        foreach (var message in store.Match(subscription.Filter, _broker.Time.GetUtcNow().ToUnixTimeMilliseconds()))
        {
            var qos = message.QoS < subscription.QoS ? message.QoS : subscription.QoS;
            _retained.Add(new(message, qos, Retain: true, id == 0 ? null : [id], PacketId: 0, Group: null));
        }
    }

    private MqttReasonCode CheckSubscription(MqttSubscription subscription)
    {
        var limits = _broker.Limits;
        var filter = subscription.Filter;
        if (!SharedFilter.TrySplit(filter, out _, out var inner) || !IsWithinLimits(Encoding.UTF8.GetBytes(filter))) return MqttReasonCode.TopicFilterInvalid;
        if (Session!.Subscriptions.Count >= limits.MaxSubscriptionsPerSession && !Session.Subscriptions.ContainsKey(filter)) return MqttReasonCode.QuotaExceeded;
        if (_broker.Subscriptions.Count >= limits.MaxSubscriptions) return MqttReasonCode.QuotaExceeded;
        return _broker.Authorizer.CanSubscribe(Info!, inner) ? MqttReasonCode.Success : _broker.Authorizer.ReasonNotToSubscribe(Info!, inner);
    }

    private bool OnUnsubscribe(UnsubscribePacket packet, out MqttViolation? violation)
    {
        if (!HasRoomForCodes(packet.Filters.Count, out violation)) return false;
        var reasons = new MqttReasonCode[packet.Filters.Count];
        var ticket = 0L;
        for (var i = 0; i < reasons.Length; i++)
        {
            var existed = Session!.Unsubscribe(packet.Filters[i], out var removed) && _broker.Subscriptions.Remove(Session, packet.Filters[i]);
            if (removed > 0) ticket = removed;
            reasons[i] = existed ? MqttReasonCode.Success : MqttReasonCode.NoSubscriptionExisted;
        }

        new UnsubAckPacket(packet.PacketId, reasons).Write(RepliesAfter(ticket), _version);
        return true;
    }

    /// <summary>SUBACK and UNSUBACK have a code for each filter, and nothing may be larger than the client takes (MQTT-3.1.2-24).</summary>
    private bool HasRoomForCodes(int codes, out MqttViolation? violation)
    {
        violation = null;
        var body = 3 + codes;
        if (_version != MqttProtocolVersion.V500 || 1 + VarInt.Size((uint)body) + body <= ClientMaxPacketSize) return true;
        violation = new(MqttReasonCode.PacketTooLarge, $"The answer to {codes} filters is larger than the client's Maximum Packet Size of {ClientMaxPacketSize}.", "MQTT-3.1.2-24");
        return false;
    }
}
