namespace SmartCity.Simulators;

/// <summary>What an audit has found so far. Thread-safe.</summary>
/// <param name="keep">Differences that are kept; the others are counted.</param>
internal sealed class DifferenceList(int keep)
{
    private readonly Lock _gate = new();
    // By place and not by when they were found, which hangs on several workers.
    private readonly SortedSet<Difference> _first = new(Comparer<Difference>.Create(static (a, b) =>
        (string.CompareOrdinal(a.Where, b.Where), string.CompareOrdinal(a.What, b.What), (a.Window ?? default).CompareTo(b.Window ?? default), string.CompareOrdinal(a.Found, b.Found)).CompareTo((0, 0, 0, 0))));

    private long _count;
    private long _inDevices;
    private long _elsewhere;

    public IReadOnlyList<Difference> First
    {
        get
        {
            lock (_gate) return [.. _first];
        }
    }

    public long Count
    {
        get
        {
            lock (_gate) return _count;
        }
    }

    /// <summary>A reading that is missing or wrong in its device is also so in areas, coverage and ledger: those count for themselves only when the devices are right.</summary>
    public long Unexplained
    {
        get
        {
            lock (_gate) return _inDevices > 0 ? _inDevices : _elsewhere;
        }
    }

    /// <param name="isOfDevice">True for a window of a device.</param>
    public void Add(Difference difference, bool isOfDevice = false)
    {
        lock (_gate)
        {
            _count++;
            if (isOfDevice) _inDevices += difference.Readings;
            else _elsewhere += difference.Readings;
            _first.Add(difference);
            if (_first.Count > keep) _first.Remove(_first.Max!);
        }
    }
}
