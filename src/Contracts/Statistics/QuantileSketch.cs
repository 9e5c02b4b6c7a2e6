using System.Buffers;

namespace SmartCity.Contracts;

/// <summary>
/// DDSketch (Masson, Rim, Lee: VLDB 2019) with relative accuracy α = 1 %: a mergeable summary whose quantiles are within 1 % of a true value.
/// Buckets are sparse: a window of a dozen readings costs a dozen longs.
/// </summary>
/// <remarks>One ordered key space holds negative values (key &lt; 0), zero (0) and positive values (key &gt; 0), so key order is value order.</remarks>
[GenerateSerializer]
public struct QuantileSketch
{
    /// <summary>Guaranteed relative error of a quantile.</summary>
    public const double Alpha = 0.01;

    private const double Gamma = (1 + Alpha) / (1 - Alpha);
    private const int KeyOffset = 40_000; // larger than |log_γ(double.Epsilon)|, so that a positive value's key stays positive
    private const int MaxKey = 2 * KeyOffset;
    private const double ZeroBelow = 1e-12;
    private static readonly double InverseLogGamma = 1 / Math.Log(Gamma);

    [Id(0)] private long[]? _entries; // key in the high half, count in the low half, ascending
    [Id(1)] private int _length;

    /// <summary>Number of buckets in use.</summary>
    public readonly int BucketCount => _length;

    /// <summary>Number of values counted.</summary>
    public readonly long Count
    {
        get
        {
            long total = 0;
            for (var i = 0; i < _length; i++) total += (uint)_entries![i];
            return total;
        }
    }

    /// <summary>Counts one finite value.</summary>
    public void Add(double value) => Add(KeyOf(value), 1);

    /// <summary>Adds every count of <paramref name="other"/>.</summary>
    public void Merge(in QuantileSketch other)
    {
        for (var i = 0; i < other._length; i++) Add((int)(other._entries![i] >> 32), (uint)other._entries[i]);
    }

    /// <summary>An independent copy.</summary>
    public readonly QuantileSketch Clone() => new()
    {
        _entries = _length == 0 ? null : _entries.AsSpan(0, _length).ToArray(),
        _length = _length,
    };

    /// <summary>The value at rank q(n−1), within 1 % of a true value; NaN when empty.</summary>
    public readonly double Quantile(double q)
    {
        var total = Count;
        if (total == 0) return double.NaN;
        var rank = q * (total - 1);
        long seen = 0;
        for (var i = 0; i < _length; i++)
        {
            seen += (uint)_entries![i];
            if (seen > rank) return ValueOf((int)(_entries[i] >> 32));
        }

        return ValueOf((int)(_entries![_length - 1] >> 32));
    }

    /// <summary>What a bucket stands for and how many values it counts; ascending.</summary>
    internal readonly (double Value, long Count) Bucket(int index) => (ValueOf((int)(_entries![index] >> 32)), (uint)_entries[index]);

    internal readonly void WriteTo(IBufferWriter<byte> writer)
    {
        Varint.Write(writer, (ulong)_length);
        var previous = 0;
        for (var i = 0; i < _length; i++)
        {
            var key = (int)(_entries![i] >> 32);
            Varint.WriteSigned(writer, key - previous);
            Varint.Write(writer, (uint)_entries[i]);
            previous = key;
        }
    }

    internal static QuantileSketch ReadFrom(ref ReadOnlySpan<byte> source)
    {
        var length = (int)Varint.ReadCount(ref source, source.Length); // a bucket takes two bytes or more
        var sketch = new QuantileSketch { _entries = length == 0 ? null : new long[length], _length = length };
        var key = 0;
        for (var i = 0; i < length; i++)
        {
            var step = Varint.ReadSigned(ref source);
            if (step is < -MaxKey or > 2 * MaxKey || (i > 0 && step <= 0) || Math.Abs(key + step) > MaxKey)
                throw new InvalidDataException("The buckets of a stored sketch are not in order.");
            key += (int)step;
            sketch._entries![i] = ((long)key << 32) | Varint.ReadCount(ref source, uint.MaxValue);
        }

        return sketch;
    }

    private void Add(int key, uint count)
    {
        var low = 0;
        var high = _length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var at = (int)(_entries![middle] >> 32);
            if (at == key)
            {
                _entries[middle] += count;
                return;
            }

            if (at < key) low = middle + 1;
            else high = middle - 1;
        }

        if (_entries is null) _entries = new long[1];
        else if (_length == _entries.Length) Array.Resize(ref _entries, _length < 4 ? _length + 1 : _length + (_length >> 1));
        Array.Copy(_entries, low, _entries, low + 1, _length - low);
        _entries[low] = ((long)key << 32) | count;
        _length++;
    }

    private static int KeyOf(double value)
    {
        var magnitude = Math.Abs(value);
        if (magnitude < ZeroBelow) return 0;
        var key = (int)Math.Ceiling(Math.Log(magnitude) * InverseLogGamma) + KeyOffset;
        return value > 0 ? key : -key;
    }

    private static double ValueOf(int key)
    {
        if (key == 0) return 0;
        var magnitude = 2 * Math.Pow(Gamma, Math.Abs(key) - KeyOffset) / (Gamma + 1);
        return key > 0 ? magnitude : -magnitude;
    }
}
