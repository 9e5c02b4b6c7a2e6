namespace SmartCity.Contracts;

/// <summary>
/// Brings a gateway's messages to their devices: one call for many messages, one under way at a time, so that a device gets them in order on
/// whichever hosts its grain and its gateway are. The key is the number of the partition.
/// </summary>
public interface IDeliveryGrain : IGrainWithStringKey
{
    /// <summary>Completes when every device has taken its messages or refused them. The same batch may be delivered again.</summary>
    ValueTask<DeliveryReply> Deliver([Immutable] DeliveryBatch batch);
}
