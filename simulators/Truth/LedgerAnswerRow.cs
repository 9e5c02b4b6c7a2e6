namespace SmartCity.Simulators;

/// <summary>The ledger of a device, as the platform's API shows it.</summary>
internal sealed record LedgerAnswerRow(
    string? Device, long Accepted, long Stored, long Duplicate, long LateCorrected, IReadOnlyDictionary<string, long> Rejected, long Buffered, long Balance)
{
    public static LedgerAnswerRow Empty { get; } = new(null, 0, 0, 0, 0, new Dictionary<string, long>(), 0, 0);
}
