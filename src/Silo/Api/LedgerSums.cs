namespace SmartCity.Silo;

/// <summary>Where readings are, added up.</summary>
internal sealed class LedgerSums
{
    private SortedDictionary<string, long>? _rejected; // most have none

    public long Accepted { get; set; }

    public long Stored { get; set; }

    public long Duplicate { get; set; }

    public long LateCorrected { get; set; }

    public long Buffered { get; set; }

    /// <summary>Readings by reason.</summary>
    public IReadOnlyDictionary<string, long> Rejected => _rejected ?? (IReadOnlyDictionary<string, long>)System.Collections.Frozen.FrozenDictionary<string, long>.Empty;

    /// <summary>Accepted minus all the rest; anything but zero is a loss or a double count.</summary>
    public long Balance => Accepted - Stored - Duplicate - LateCorrected - RejectedInAll - Buffered;

    public long RejectedInAll => _rejected?.Values.Sum() ?? 0;

    public void Reject(string reason, long readings)
    {
        _rejected ??= new(StringComparer.Ordinal);
        _rejected[reason] = _rejected.GetValueOrDefault(reason) + readings;
    }

    public void Add(LedgerRow row)
    {
        Accepted += row.Accepted;
        Stored += row.Stored;
        Duplicate += row.Duplicate;
        LateCorrected += row.LateCorrected;
        foreach (var (reason, readings) in row.Rejected) Reject(reason, readings);
    }
}
