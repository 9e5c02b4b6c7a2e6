namespace SmartCity.Mqtt;

/// <summary>The answer to one inbound PUBLISH.</summary>
/// <param name="Ticket">0: acknowledge at once. Above 0: acknowledge once <see cref="IPublishHandler.WhenDurableAsync"/> has completed for it.
/// Tickets grow monotonically within the process.</param>
/// <param name="ReasonCode">v5 reason of the acknowledgement. 0x80 and above refuses the message: it is not routed to subscribers;
/// 3.1.1 cannot say so and gets a plain acknowledgement. Allowed: 0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99.</param>
public readonly record struct PublishResult(long Ticket, MqttReasonCode ReasonCode = MqttReasonCode.Success)
{
    /// <summary>Acknowledge at once.</summary>
    public static PublishResult Done => default;
}
