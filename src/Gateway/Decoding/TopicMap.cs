using System.Text;

namespace SmartCity.Gateway;

/// <summary>The default topic mapping <c>city/{region}/{unit}/{kind}/{device}</c>. Used by the decoding thread only.</summary>
internal sealed class TopicMap(Geography geography)
{
    public const string Shape = "city/{region}/{unit}/{kind}/{device}";

    private const int MaxKinds = 256; // kinds come from outside; a publisher that invents them must not fill the memory
    private const int MaxKindLength = 32;
    private const int MaxDeviceLength = 64;

    private readonly Dictionary<string, MetricTable> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Region, string Kind), KindTally> _tallies = [];
    private readonly List<(byte[] Prefix, StreamInfo Stream)> _all = [];
    private int _inventedKinds;
    private (byte[] Prefix, StreamInfo Stream)[] _slots = new (byte[], StreamInfo)[256];

    /// <summary>Every stream seen so far; safe to read from other threads.</summary>
    public IReadOnlyList<KindTally> Tallies
    {
        get
        {
            lock (_tallies) return [.. _tallies.Values];
        }
    }

    /// <summary>Metric tables by kind, for the names behind the tallies; safe to read from other threads.</summary>
    public MetricTable? FindKind(string kind)
    {
        lock (_tallies) return _kinds.GetValueOrDefault(kind);
    }

    /// <summary>Finds the stream and the device of a topic.</summary>
    /// <returns>False with the reason and what is wrong, when the topic is none of ours.</returns>
    public bool TryResolve(ReadOnlySpan<byte> topic, out StreamInfo stream, out ReadOnlySpan<byte> device, out string reason, out string detail)
    {
        reason = detail = string.Empty;
        stream = null!;
        var slash = topic.LastIndexOf((byte)'/');
        device = topic[(slash + 1)..];
        if (slash < 0) return Fail(topic, "it has no '/'", ref reason, ref detail);
        if (!IsDeviceId(device)) return Fail(topic, "the device must be 1 to 64 of A-Z a-z 0-9 . _ : -", ref reason, ref detail);
        var prefix = topic[..slash];
        for (var i = (int)ShortHash.Compute(prefix) & (_slots.Length - 1); _slots[i].Prefix is { } known; i = (i + 1) & (_slots.Length - 1))
        {
            if (!prefix.SequenceEqual(known)) continue;
            stream = _slots[i].Stream;
            return true;
        }

        return TryAdd(topic, prefix, out stream, ref reason, ref detail);
    }

    /// <summary>A cell is named by its NCGI: what is wrong with another name; null when nothing is.</summary>
    public static Rejection? FindWrongCell(StreamInfo stream, ReadOnlySpan<byte> device) => stream.Name.Kind == "cell" && !Ncgi.IsValid(device)
        ? new(RejectReason.BadField, "The device of kind 'cell' must be an NCGI, " + Ncgi.Format + ".", 1)
        : null;

    /// <summary>True for 1 to 64 of the allowed characters, not all of them dots.</summary>
    public static bool IsDeviceId(ReadOnlySpan<byte> device)
    {
        if (device.Length is 0 or > MaxDeviceLength || device.IndexOfAnyExcept((byte)'.') < 0) return false; // '..' would be a path, not a name
        foreach (var c in device)
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'.' or (byte)'_' or (byte)':' or (byte)'-')) return false;
        }

        return true;
    }

    private static bool Fail(ReadOnlySpan<byte> topic, string what, ref string reason, ref string detail)
    {
        reason = RejectReason.BadTopic;
        detail = $"Topic '{Shorten(topic)}': {what}. Publish to {Shape}, such as city/nam/sg/air/station-1, or make a mapping (/api/v1/mappings).";
        return false;
    }

    private bool TryAdd(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> prefix, out StreamInfo stream, ref string reason, ref string detail)
    {
        stream = null!;
        var parts = Encoding.UTF8.GetString(prefix).Split('/');
        if (parts.Length != 4 || parts[0] != "city") return Fail(topic, "it does not have the five levels, the first of them 'city'", ref reason, ref detail);
        var (region, unit, kind) = (parts[1], parts[2], parts[3]);
        if (!AreaCodes.Regions.Contains(region)) return Fail(topic, $"'{region}' is no region; use bac, trung or nam", ref reason, ref detail);
        if (geography.FindUnit(unit) is not { } info || info.Region != region)
        {
            reason = RejectReason.UnknownUnit;
            detail = geography.FindUnit(unit) is { } elsewhere
                ? $"Unit '{unit}' ({elsewhere.Name}) belongs to region '{elsewhere.Region}', not to '{region}'."
                : $"'{Shorten(Encoding.UTF8.GetBytes(unit))}' is no unit of the geography file; GET /api/v1/areas lists them.";
            return false;
        }

        if (kind.Length is 0 or > MaxKindLength || !kind.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'))
            return Fail(topic, "the kind must be 1 to 32 of a-z 0-9 _ -", ref reason, ref detail);
        if (!_kinds.TryGetValue(kind, out var metrics))
        {
            // The kinds of the catalogue have their places for certain: nobody can crowd them out.
            if (KindCatalog.Find(kind) is null && ++_inventedKinds > MaxKinds)
            {
                _inventedKinds = MaxKinds;
                return Fail(topic, $"there are {MaxKinds} kinds of the devices' own already", ref reason, ref detail);
            }

            metrics = new(kind);
        }

        KindTally? tally;
        lock (_tallies)
        {
            _kinds[kind] = metrics;
            if (!_tallies.TryGetValue((region, kind), out tally)) _tallies[(region, kind)] = tally = new(region, kind);
        }

        stream = new(new(region, unit, kind), metrics, tally);
        _all.Add((prefix.ToArray(), stream));
        if (_all.Count * 2 > _slots.Length) _slots = new (byte[], StreamInfo)[_slots.Length * 2];
        else _slots.AsSpan().Clear();
        foreach (var entry in _all)
        {
            var i = (int)ShortHash.Compute(entry.Prefix) & (_slots.Length - 1);
            while (_slots[i].Prefix is not null) i = (i + 1) & (_slots.Length - 1);
            _slots[i] = entry;
        }

        return true;
    }

    private static string Shorten(ReadOnlySpan<byte> text)
    {
        const int Most = 120;
        return text.Length <= Most ? Encoding.UTF8.GetString(text) : Encoding.UTF8.GetString(text[..Most]) + "…";
    }
}
