namespace SmartCity.Contracts;

/// <summary>Messages of one partition of a gateway's devices, in the order of its intake log.</summary>
[GenerateSerializer, Immutable]
public sealed class DeliveryBatch
{
    /// <summary>Number of the gateway whose log the positions are of; 0 when there is one gateway, in the same process.</summary>
    [Id(0)] public int Gateway { get; init; }

    /// <summary>Position through which the store has everything of that log.</summary>
    [Id(1)] public long DurableThrough { get; init; }

    /// <summary>Ids of the devices, one for each message.</summary>
    [Id(2)] public required string[] Devices { get; init; }

    [Id(3)] public required DeviceMessage[] Messages { get; init; }
}
