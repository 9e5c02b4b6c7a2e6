namespace SmartCity.Mqtt;

/// <summary>A message that waited for a session.</summary>
/// <param name="Order">Grows with the order in which they were queued.</param>
/// <param name="Source">The application's ticket of its PUBLISH.</param>
/// <param name="Group">Filter of the shared subscription that it came by; empty for none.</param>
internal sealed record RestoredDelivery(
    long Order, ushort PacketId, MqttQoS QoS, bool Retain, long Source, string Group, uint[]? SubscriptionIds, ApplicationMessage Message)
{
    public bool WasSent { get; set; }

    public bool WasReceived { get; set; }
}
