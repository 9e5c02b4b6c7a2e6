namespace SmartCity.Silo;

/// <summary>The ledger in parts: by hour, or by device.</summary>
/// <param name="Total">Parts in all; <see cref="Items"/> may have fewer.</param>
internal sealed record LedgerRows(DateTimeOffset From, DateTimeOffset To, string? Device, int Total, IReadOnlyList<LedgerPart> Items);

/// <summary>One part; see <see cref="LedgerAnswer"/>.</summary>
/// <param name="Hour">Start of the hour; null in a list by device.</param>
/// <param name="Device">Id, empty for messages whose topic names no device; null in a list by hour.</param>
internal sealed record LedgerPart(
    DateTimeOffset? Hour, string? Device, long Accepted, long Stored, long Duplicate, long LateCorrected, IReadOnlyDictionary<string, long> Rejected, long Buffered, long Balance)
{
    public static LedgerPart From(long? hourMs, string? device, LedgerSums sums) => new(
        hourMs is { } ms ? ApiTime.At(ms) : null, device, sums.Accepted, sums.Stored, sums.Duplicate, sums.LateCorrected, sums.Rejected, sums.Buffered, sums.Balance);
}
