namespace SmartCity.Simulators;

/// <summary>Where the readings of one device must be in the ledger. What the sender cannot know lies between two bounds.</summary>
internal sealed class LedgerExpectation
{
    private readonly SortedDictionary<string, (long From, long To)> _rejected = new(StringComparer.Ordinal);

    /// <summary>Readings in windows that are certainly on time, and certainly late, and either.</summary>
    public long OnTime { get; set; }

    public long Late { get; set; }

    public long OnTimeOrLate { get; set; }

    /// <summary>Readings that may be there or not.</summary>
    public long Possible { get; set; }

    public long DuplicateFrom { get; set; }

    public long DuplicateTo { get; set; }

    public IReadOnlyDictionary<string, (long From, long To)> Rejected => _rejected;

    /// <summary>Readings that must be in windows.</summary>
    public long Kept => OnTime + Late + OnTimeOrLate;

    public long AcceptedFrom => Kept + DuplicateFrom + _rejected.Values.Sum(r => r.From);

    public void Reject(string reason, long from, long to)
    {
        var known = _rejected.GetValueOrDefault(reason);
        _rejected[reason] = (known.From + from, known.To + to);
    }

    private void Add(LedgerExpectation other)
    {
        OnTime += other.OnTime;
        Late += other.Late;
        OnTimeOrLate += other.OnTimeOrLate;
        Possible += other.Possible;
        DuplicateFrom += other.DuplicateFrom;
        DuplicateTo += other.DuplicateTo;
        foreach (var (reason, range) in other._rejected) Reject(reason, range.From, range.To);
    }

    /// <summary>Adds the figures of one part to those of the parts before it.</summary>
    public static void Merge(IDictionary<string, LedgerExpectation> all, IReadOnlyDictionary<string, LedgerExpectation> part)
    {
        foreach (var (device, expected) in part)
        {
            if (!all.TryGetValue(device, out var known)) all.Add(device, known = new());
            known.Add(expected);
        }
    }

    /// <summary>What does not fit, one sentence each, with the readings that it is about.</summary>
    public IEnumerable<(string Field, string Expected, string Found, long Readings)> Compare(LedgerAnswerRow found)
    {
        if (found.Balance != 0) yield return ("balance", "0", Text(found.Balance), Math.Abs(found.Balance));
        if (found.Buffered != 0) yield return ("buffered", "0", Text(found.Buffered), found.Buffered);
        foreach (var d in Range("stored + lateCorrected", found.Stored + found.LateCorrected, Kept, Kept + Possible)) yield return d;
        foreach (var d in Range("stored", found.Stored, OnTime, OnTime + OnTimeOrLate + Possible)) yield return d;
        foreach (var d in Range("lateCorrected", found.LateCorrected, Late, Late + OnTimeOrLate + Possible)) yield return d;
        foreach (var d in Range("duplicate", found.Duplicate, DuplicateFrom, DuplicateTo)) yield return d;
        foreach (var reason in _rejected.Keys.Union(found.Rejected.Keys, StringComparer.Ordinal))
        {
            var (from, to) = _rejected.GetValueOrDefault(reason);
            foreach (var d in Range("rejected: " + reason, found.Rejected.GetValueOrDefault(reason), from, to)) yield return d;
        }
    }

    private static IEnumerable<(string Field, string Expected, string Found, long Readings)> Range(string field, long found, long from, long to)
    {
        if (found < from || found > to) yield return (field, from == to ? Text(from) : $"{from} to {to}", Text(found), found < from ? from - found : found - to);
    }

    private static string Text(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
