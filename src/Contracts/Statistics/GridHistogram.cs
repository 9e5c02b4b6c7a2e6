using System.Buffers;

namespace SmartCity.Contracts;

/// <summary>Counts per bin of a <see cref="ReportingGrid"/>: merging is exact, and the median is off by at most half a step.</summary>
[GenerateSerializer]
public sealed class GridHistogram
{
    private const byte Version = 1;
    [Id(0)] private readonly int[] _counts = new int[ReportingGrid.BinCount];

    [Id(1)] public long Count { get; private set; }

    public void Add(int bin, int count = 1)
    {
        _counts[bin] += count;
        Count += count;
    }

    public void Merge(GridHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        Count += other.Count;
    }

    public GridHistogram Clone()
    {
        var copy = new GridHistogram();
        copy.Merge(this);
        return copy;
    }

    /// <summary>The middle of the bin at rank q(n−1); NaN when empty (empty is unknown, never zero).</summary>
    public double Quantile(ReportingGrid grid, double q)
    {
        if (Count == 0) return double.NaN;
        var rank = q * (Count - 1);
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen > rank) return grid.MiddleOf(i);
        }

        return double.NaN;
    }

    /// <summary>Readings in a bin.</summary>
    internal int CountOf(int bin) => _counts[bin];

    public void WriteTo(IBufferWriter<byte> writer)
    {
        writer.GetSpan(1)[0] = Version;
        writer.Advance(1);
        Varint.Write(writer, (ulong)_counts.Count(c => c != 0));
        for (var i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] == 0) continue;
            Varint.Write(writer, (ulong)i);
            Varint.Write(writer, (ulong)_counts[i]);
        }
    }

    /// <exception cref="InvalidDataException">The bytes are not a histogram of a known version.</exception>
    public static GridHistogram ReadFrom(ref ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty || source[0] != Version) throw new InvalidDataException("A stored histogram has an unknown version.");
        source = source[1..];
        var histogram = new GridHistogram();
        var used = Varint.ReadCount(ref source, ReportingGrid.BinCount);
        for (var i = 0; i < used; i++)
        {
            var bin = (int)Varint.ReadCount(ref source, ReportingGrid.BinCount - 1);
            if (histogram._counts[bin] != 0) throw new InvalidDataException("A stored histogram names a bin twice.");
            histogram.Add(bin, (int)Varint.ReadCount(ref source, int.MaxValue));
        }

        return histogram;
    }
}
