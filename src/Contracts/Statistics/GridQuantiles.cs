using System.Buffers;

namespace SmartCity.Contracts;

/// <summary>Percentiles of a metric that is reported on a <see cref="ReportingGrid"/>: off by half a step at most, whatever is merged.</summary>
[GenerateSerializer]
internal sealed class GridQuantiles
{
    [Id(0)] private byte _grid;
    [Id(1)] private GridHistogram _bins = new();

    public long Count => _bins.Count;

    public void Add(double value, ReportingGrid grid)
    {
        _grid = grid.Code;
        _bins.Add(grid.BinOf(value));
    }

    public void Merge(GridQuantiles other)
    {
        _grid = other._grid;
        _bins.Merge(other._bins);
    }

    /// <summary>An independent copy.</summary>
    public GridQuantiles Clone() => new() { _grid = _grid, _bins = _bins.Clone() };

    /// <summary>
    /// The value at rank q(n−1) of these readings and of those in a sketch, which windows of earlier versions have: each counts as what stands for it here or there,
    /// so the answer is off by no more than the worse of both.
    /// </summary>
    public double Quantile(in QuantileSketch sketch, double q)
    {
        var grid = ReportingGrid.Find(_grid)!;
        if (sketch.BucketCount == 0) return _bins.Quantile(grid, q);
        var rank = q * (sketch.Count + Count - 1);
        long seen = 0;
        var (bin, bucket) = (0, 0);
        while (true)
        {
            while (bin < ReportingGrid.BinCount && _bins.CountOf(bin) == 0) bin++;
            var ofBin = bin < ReportingGrid.BinCount ? grid.MiddleOf(bin) : double.PositiveInfinity;
            var (ofBucket, inBucket) = bucket < sketch.BucketCount ? sketch.Bucket(bucket) : (double.PositiveInfinity, 0);
            if (double.IsInfinity(ofBin) && double.IsInfinity(ofBucket)) return double.NaN;
            var fromBin = ofBin <= ofBucket;
            seen += fromBin ? _bins.CountOf(bin++) : inBucket;
            if (!fromBin) bucket++;
            if (seen > rank) return fromBin ? ofBin : ofBucket;
        }
    }

    public void WriteTo(IBufferWriter<byte> writer)
    {
        writer.GetSpan(1)[0] = _grid;
        writer.Advance(1);
        _bins.WriteTo(writer);
    }

    /// <exception cref="InvalidDataException">The bytes are no such state.</exception>
    public static GridQuantiles ReadFrom(ref ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty || ReportingGrid.Find(source[0]) is not { } grid) throw new InvalidDataException("A stored window state has a report grid that this program does not know.");
        source = source[1..];
        return new() { _grid = grid.Code, _bins = GridHistogram.ReadFrom(ref source) };
    }
}
