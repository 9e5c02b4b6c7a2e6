namespace SmartCity.Silo;

/// <summary>The ledger of a range of hours: accepted = stored + duplicate + lateCorrected + rejected + buffered.</summary>
/// <param name="Rejected">Readings by reason.</param>
/// <param name="Buffered">Readings in windows that are not stored yet.</param>
/// <param name="Balance">Accepted minus all the rest; anything but zero is a loss or a double count.</param>
internal sealed record LedgerAnswer(
    DateTimeOffset From, DateTimeOffset To, string? Device, long Accepted, long Stored, long Duplicate, long LateCorrected,
    IReadOnlyDictionary<string, long> Rejected, long Buffered, long Balance);
