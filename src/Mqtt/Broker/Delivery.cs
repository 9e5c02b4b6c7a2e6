namespace SmartCity.Mqtt;

/// <summary>One message for one session.</summary>
/// <param name="QoS">The lower of the message's and the subscription's.</param>
internal readonly record struct Delivery(ApplicationMessage Message, MqttQoS QoS, bool Retain, uint[]? SubscriptionIds);
