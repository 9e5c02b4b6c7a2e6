namespace SmartCity.Mqtt;

/// <summary>One message for one session.</summary>
/// <param name="QoS">The lower of the message's and the subscription's.</param>
/// <param name="PacketId">0 for QoS 0.</param>
/// <param name="Group">The shared subscription that it came by, null for the session's own.</param>
/// <param name="Ticket">Of the session journal: it may leave when that is durable; 0 for a session that is not kept.</param>
internal readonly record struct Delivery(
    ApplicationMessage Message, MqttQoS QoS, bool Retain, uint[]? SubscriptionIds, ushort PacketId, SharedGroup? Group, long Ticket = 0);
