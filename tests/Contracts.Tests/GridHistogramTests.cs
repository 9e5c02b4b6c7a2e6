using System.Buffers;

namespace SmartCity.Contracts.Tests;

public sealed class GridHistogramTests
{
    [Fact]
    public void Quantiles_are_off_by_half_a_step_at_most()
    {
        var random = new Random(3);
        var values = Enumerable.Range(0, 2000).Select(_ => -140 + (random.NextDouble() * 100)).ToArray();
        var histogram = Of(values);
        Array.Sort(values);
        foreach (var q in new[] { 0, 0.1, 0.5, 0.9, 1 })
            Assert.Equal(values[(int)(q * (values.Length - 1))], histogram.Quantile(ReportingGrid.Rsrp, q), 0.5 + 1e-9);
    }

    [Fact]
    public void A_merge_is_exact_and_leaves_the_other_alone()
    {
        var random = new Random(4);
        var values = Enumerable.Range(0, 1000).Select(_ => -140 + (random.NextDouble() * 100)).ToArray();
        var (left, right) = (Of(values[..300]), Of(values[300..]));
        left.Merge(right);
        Assert.Equal(Bytes(Of(values)), Bytes(left));
        Assert.Equal((1000, 700), (left.Count, right.Count));
    }

    [Fact]
    public void Empty_is_unknown() => Assert.True(double.IsNaN(new GridHistogram().Quantile(ReportingGrid.Sinr, 0.5)));

    [Fact]
    public void A_copy_is_independent_and_bytes_give_the_same_histogram()
    {
        var histogram = Of([-80, -80, -111]);
        var bytes = Bytes(histogram);
        histogram.Clone().Add(5);
        Assert.Equal(bytes, Bytes(histogram));
        ReadOnlySpan<byte> source = bytes;
        Assert.Equal(bytes, Bytes(GridHistogram.ReadFrom(ref source)));
        Assert.True(source.IsEmpty);
    }

    [Fact]
    public void Damaged_bytes_are_invalid_data_or_a_histogram_and_nothing_else()
    {
        var bytes = Bytes(Of([-80, -80, -111, -50, -49.5]));
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Assert.Throws<InvalidDataException>(() => Read(cut));
        }

        var refused = 0;
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] corrupt = [.. bytes];
            corrupt[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                _ = Read(corrupt).Quantile(ReportingGrid.Rsrp, 0.5);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, bytes.Length * 8);
    }

    private static GridHistogram Of(IEnumerable<double> rsrp)
    {
        var histogram = new GridHistogram();
        foreach (var value in rsrp) histogram.Add(ReportingGrid.Rsrp.BinOf(value));
        return histogram;
    }

    private static byte[] Bytes(GridHistogram histogram)
    {
        var writer = new ArrayBufferWriter<byte>();
        histogram.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static GridHistogram Read(byte[] bytes)
    {
        ReadOnlySpan<byte> source = bytes;
        return GridHistogram.ReadFrom(ref source);
    }
}
