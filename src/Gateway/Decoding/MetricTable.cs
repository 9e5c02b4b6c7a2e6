using System.Text;

namespace SmartCity.Gateway;

/// <summary>
/// The metric names of one kind: turns the bytes of a field name into one string object for the whole process. Bounded, because names come from
/// outside. Used by the decoding thread only.
/// </summary>
internal sealed class MetricTable
{
    /// <summary>Names that one kind may have; the 2,049th different one is refused, so that a device that invents names cannot fill the memory.</summary>
    public const int MaxMetrics = 2048;

    private const int MaxNameBytes = 64;
    private readonly Dictionary<string, MetricEntry> _byName = new(StringComparer.Ordinal);
    private readonly KindInfo? _kind;
    private MetricEntry?[] _slots = new MetricEntry?[64];
    private (string Name, int Index)[] _names = []; // for other threads; replaced, never changed

    public MetricTable(string kind)
    {
        Kind = kind;
        _kind = KindCatalog.Find(kind);
        MainMetric = _kind?.MainMetric;
        Required = _kind?.Required ?? [];
        if (_kind is null) return;
        foreach (var metric in _kind.Metrics) Add(Encoding.UTF8.GetBytes(metric.Name), metric.Name);
    }

    public string Kind { get; }

    /// <summary>The metric that stands for the kind; null for a kind the catalogue does not know.</summary>
    public string? MainMetric { get; }

    /// <summary>Fields that every message must have.</summary>
    public IReadOnlyList<string> Required { get; }

    /// <summary>Names seen so far; the catalogue's first.</summary>
    public int Count => _byName.Count;

    /// <summary>Place of an interned name in the tallies of its kind.</summary>
    public int IndexOf(string name) => _byName[name].Index;

    /// <summary>Names with their places in the tallies; safe to read from other threads.</summary>
    public IReadOnlyList<(string Name, int Index)> Names() => Volatile.Read(ref _names);

    /// <summary>The entry of a field name, or null when the name is not allowed or there are too many.</summary>
    public MetricEntry? Find(ReadOnlySpan<byte> name)
    {
        var slots = _slots;
        for (var i = Hash(name) & (slots.Length - 1); slots[i] is { } entry; i = (i + 1) & (slots.Length - 1))
        {
            if (name.SequenceEqual(entry.Utf8Name)) return entry;
        }

        return _byName.Count < MaxMetrics && IsAllowed(name) ? Add(name, Encoding.UTF8.GetString(name)) : null;
    }

    private static bool IsAllowed(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > MaxNameBytes) return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'_' or (byte)'-' or (byte)'.' or (byte)':')) return false;
        }

        return true;
    }

    private MetricEntry Add(ReadOnlySpan<byte> utf8Name, string name)
    {
        var entry = new MetricEntry(name, utf8Name.ToArray(), _kind?.FindMetric(name), _byName.Count);
        _byName.Add(name, entry);
        Volatile.Write(ref _names, [.. _names, (name, entry.Index)]);
        if (_byName.Count * 2 > _slots.Length)
        {
            _slots = new MetricEntry?[_slots.Length * 2];
            foreach (var known in _byName.Values) Place(known);
        }
        else
        {
            Place(entry);
        }

        return entry;
    }

    private void Place(MetricEntry entry)
    {
        var i = Hash(entry.Utf8Name) & (_slots.Length - 1);
        while (_slots[i] is not null) i = (i + 1) & (_slots.Length - 1);
        _slots[i] = entry;
    }

    private static int Hash(ReadOnlySpan<byte> name) => (int)ShortHash.Compute(name);
}
