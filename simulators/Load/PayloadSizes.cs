using System.Globalization;

namespace SmartCity.Simulators;

/// <summary>How large payloads are: one size, a range, or several with weights. Which one a message has follows from its number alone. Immutable, shared by all connections.</summary>
public sealed class PayloadSizes
{
    private readonly (int From, int To, double UpTo)[] _parts;

    private PayloadSizes((int From, int To, double Weight)[] parts)
    {
        var sum = parts.Sum(p => p.Weight);
        var before = 0d;
        _parts = [.. parts.Select(p => (p.From, p.To, before += p.Weight / sum))];
        (Smallest, Largest) = (parts.Min(p => p.From), parts.Max(p => p.To));
    }

    /// <summary>Bytes of the smallest payload.</summary>
    public int Smallest { get; }

    /// <summary>Bytes of the largest payload.</summary>
    public int Largest { get; }

    public static implicit operator PayloadSizes(int bytes) => FromInt32(bytes);

    /// <summary>All payloads have so many bytes.</summary>
    public static PayloadSizes FromInt32(int bytes) => new([(bytes, bytes, 1)]);

    /// <summary>Reads <c>60</c>, <c>60-2000</c>, or several with commas and weights: <c>60:9,500-2000:1</c>.</summary>
    /// <exception cref="ArgumentException">It is none of these; the message says what is right.</exception>
    public static PayloadSizes Parse(string text)
    {
        var parts = new List<(int, int, double)>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var (sizes, weight) = part.Split(':') switch
            {
                [var only] => (only, 1d),
                [var range, var number] when double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var w) && w > 0 => (range, w),
                _ => throw Wrong(part),
            };
            var ends = sizes.Split('-');
            if (ends.Length > 2 || !TryBytes(ends[0], out var from) || !TryBytes(ends[^1], out var to)) throw Wrong(part);
            if (to < from) throw new ArgumentException($"--payload-bytes: {part} ends before it begins; write {to}-{from}.");
            parts.Add((from, to, weight));
        }

        return new([.. parts]);
    }

    /// <summary>Bytes of the payload of a message.</summary>
    /// <param name="number">Number of the message in the run.</param>
    public int Of(long number)
    {
        if (Smallest == Largest) return Smallest;

        // SplitMix64 (Steele, Lea, Flood 2014) of the number.
        var bits = SeededRandom.Mix((ulong)number + 0x9E3779B97F4A7C15UL);
        var share = (bits >> 32) * (1.0 / (1L << 32));
        var at = 0;
        while (at < _parts.Length - 1 && share >= _parts[at].UpTo) at++;
        return _parts[at].From + (int)((bits & uint.MaxValue) * (ulong)(_parts[at].To - _parts[at].From + 1) >> 32);
    }

    private static bool TryBytes(string text, out int bytes) => int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out bytes);

    private static ArgumentException Wrong(string part) => new($"--payload-bytes: '{part}' is no size; write 60, a range 60-2000, or several with weights 60:9,500-2000:1.");
}
