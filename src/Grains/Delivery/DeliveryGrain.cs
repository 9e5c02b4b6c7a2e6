namespace SmartCity.Grains;

/// <inheritdoc cref="IDeliveryGrain"/>
/// <remarks>It keeps nothing: whichever host it is on, and if there were two of it for a moment, the devices' grains decide what they take.</remarks>
public sealed class DeliveryGrain : Grain, IDeliveryGrain
{
    /// <inheritdoc/>
    public async ValueTask<DeliveryReply> Deliver(DeliveryBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var byDevice = new Dictionary<string, List<int>>(batch.Devices.Length, StringComparer.Ordinal);
        for (var i = 0; i < batch.Devices.Length; i++)
        {
            if (!byDevice.TryGetValue(batch.Devices[i], out var indices)) byDevice[batch.Devices[i]] = indices = new(1);
            indices.Add(i);
        }

        var pending = new List<(List<int> Indices, Task<DeliveryReply> Call)>(byDevice.Count);
        foreach (var (device, indices) in byDevice)
        {
            var messages = new DeviceMessage[indices.Count];
            for (var i = 0; i < messages.Length; i++) messages[i] = batch.Messages[indices[i]];
            pending.Add((indices, GrainFactory.GetGrain<IDeviceGrain>(device).Deliver(batch.Gateway, batch.DurableThrough, messages).AsTask()));
        }

        return await GatherAsync(pending);
    }

    private static async Task<DeliveryReply> GatherAsync(List<(List<int> Indices, Task<DeliveryReply> Call)> pending)
    {
        var (hasGap, hosts, failures, error) = (false, new List<string>(1), (List<DeliveryFailure>?)null, (Exception?)null);
        // All of them, also after one has failed: the gateway sends again, and then none of these may still be on its way.
        foreach (var (indices, call) in pending)
        {
            try
            {
                var reply = await call;
                hasGap |= reply.HasGap;
                foreach (var host in reply.Hosts)
                {
                    if (!hosts.Contains(host)) hosts.Add(host);
                }

                foreach (var failure in reply.Failures ?? []) (failures ??= []).Add(new(indices[failure.Index], failure.Error));
            }
            catch (Exception exception)
            {
                error ??= exception;
            }
        }

        if (error is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        return new() { HasGap = hasGap, Hosts = hosts, Failures = failures };
    }
}
