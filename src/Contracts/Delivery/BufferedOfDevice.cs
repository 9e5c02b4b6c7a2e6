namespace SmartCity.Contracts;

/// <summary>What a device's grain holds and no commit has, of one hour.</summary>
[GenerateSerializer, Immutable]
public readonly record struct BufferedOfDevice([property: Id(0)] string DeviceId, [property: Id(1)] BufferedCount Count);
