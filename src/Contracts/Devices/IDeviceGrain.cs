namespace SmartCity.Contracts;

/// <summary>One device: its open windows and its latest values. The key is the device id.</summary>
public interface IDeviceGrain : IGrainWithStringKey
{
    /// <summary>Takes the readings of one message. Completes when they are in the grain's windows (not yet stored: the intake log still holds them).</summary>
    [ResponseTimeout("1.00:00:00")] // while the store is away it waits: a caller that gave up would count the readings twice or not at all
    ValueTask Ingest([Immutable] DeviceMessage message);

    /// <summary>
    /// Takes messages that come through an <see cref="IDeliveryGrain"/>: those that this activation has already are skipped, and what would leave a gap
    /// (<see cref="DeviceMessage.Previous"/>) is refused with all that follows.
    /// </summary>
    /// <param name="durableThrough"><see cref="DeliveryBatch.DurableThrough"/>.</param>
    ValueTask<DeliveryReply> Deliver(int gateway, long durableThrough, [Immutable] IReadOnlyList<DeviceMessage> messages);

    /// <summary>Hands every window that ended at or before <paramref name="dueMs"/> to the store's next commit and to the area above.</summary>
    /// <param name="dueMs">Event time; Unix milliseconds.</param>
    ValueTask CloseWindows(long dueMs);

    /// <summary>Forgets everything that is not stored: another host has stored windows of this device. The gateways send again what is lost here.</summary>
    ValueTask Reset();

    /// <summary>Latest values, for the API and the dashboard.</summary>
    ValueTask<DeviceSnapshot> GetSnapshot();

    /// <summary>Rows of windows that are not stored yet, for a series that reaches up to now.</summary>
    ValueTask<IReadOnlyList<DeviceWindow>> GetOpenWindows(string metric);

    /// <summary>Readings taken but not yet stored, per hour of event time.</summary>
    ValueTask<IReadOnlyList<BufferedCount>> GetBuffered();
}
