namespace SmartCity.Contracts;

/// <summary>What the store knows of one device and hour; the grains know the rest (buffered).</summary>
/// <param name="Rejected">Readings by <see cref="RejectReason"/>.</param>
public sealed record LedgerRow(
    string DeviceId, long HourMs, long Accepted, long Stored, long Duplicate, long LateCorrected, IReadOnlyDictionary<string, long> Rejected);
