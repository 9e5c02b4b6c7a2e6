using System.Buffers;

namespace SmartCity.Contracts.Tests;

public sealed class WindowAggregateTests
{
    [Theory]
    [InlineData(1, 20, 50)]
    [InlineData(2, 1000, 1e-3)]
    [InlineData(3, 1000, 1e9)] // a large mean with a small spread: where naive sums of squares fail
    [InlineData(4, 1, 7)]
    public void Statistics_equal_a_two_pass_computation(int seed, int count, double offset)
    {
        var readings = Readings(seed, count, offset);
        var aggregate = Of(readings);
        var values = readings.Select(r => (decimal)r.Value).ToList();
        var mean = values.Sum() / count;
        var variance = values.Sum(v => (v - mean) * (v - mean)) / count;
        Assert.Equal(count, aggregate.Count);
        Assert.Equal((double)values.Sum(), aggregate.Sum, 1e-12 * Math.Abs((double)values.Sum()));
        Assert.Equal((double)mean, aggregate.Mean, 1e-12 * Math.Abs((double)mean));
        Assert.Equal(Math.Sqrt((double)variance), aggregate.StdDev, 1e-6 * (1 + Math.Sqrt((double)variance)));
        Assert.Equal(readings.Min(r => r.Value), aggregate.Min);
        Assert.Equal(readings.Max(r => r.Value), aggregate.Max);
        Assert.Equal(readings.OrderBy(r => r.Ms).ThenBy(r => r.Value).First(), (aggregate.FirstMs, aggregate.First));
        Assert.Equal(readings.OrderBy(r => r.Ms).ThenBy(r => r.Value).Last(), (aggregate.LastMs, aggregate.Last));
    }

    [Fact]
    public void A_level_has_the_mean_of_its_powers()
    {
        var level = new WindowAggregate();
        foreach (var (ms, value) in ((long, double)[])[(0, 60), (1, 60), (2, 70)]) level.Add(ms, value, MeanKind.Power);
        Assert.Equal(63.333333333333336, level.Mean, 1e-12);
        Assert.Equal(66.0205999132796, level.PowerMean, 1e-12); // 10·log10((10^6 + 10^6 + 10^7) / 3)
        Assert.True(double.IsNaN(level.VectorMean));
    }

    [Theory]
    [InlineData(new double[] { 350, 10 }, 0)]
    [InlineData(new double[] { 90, 180 }, 135)]
    [InlineData(new double[] { 270, 270, 360 }, 296.56505117707798)] // atan2(−2, 1)
    [InlineData(new double[] { 0, 180 }, double.NaN)] // they cancel out: no direction
    public void Directions_have_a_vector_mean(double[] values, double expected)
    {
        var directions = new WindowAggregate();
        foreach (var value in values) directions.Add(0, value, MeanKind.Vector);
        if (double.IsNaN(expected)) Assert.True(double.IsNaN(directions.VectorMean));
        else Assert.InRange(Math.Abs(Math.IEEERemainder(directions.VectorMean - expected, 360)), 0, 1e-9);
        Assert.False(directions.VectorMean is < 0 or >= 360);
        Assert.True(double.IsNaN(directions.PowerMean));
    }

    [Theory]
    [InlineData(MeanKind.Arithmetic, 1)]
    [InlineData(MeanKind.Power, 2)]
    [InlineData(MeanKind.Vector, 2)]
    public void Means_survive_merging_and_storing(MeanKind kind, byte version)
    {
        var random = new Random(5);
        var (whole, left, right) = (new WindowAggregate(), new WindowAggregate(), new WindowAggregate());
        for (var i = 0; i < 200; i++)
        {
            var value = random.NextDouble() * 90;
            whole.Add(i, value, kind);
            (i % 3 == 0 ? left : right).Add(i, value, kind);
        }

        left.Merge(right);
        left.Merge(new());
        var merged = new WindowAggregate();
        merged.Merge(left.Clone());
        var writer = new ArrayBufferWriter<byte>();
        merged.WriteTo(writer);
        Assert.Equal(version, writer.WrittenSpan[0]); // those without a mean of their own are written as ever
        ReadOnlySpan<byte> bytes = writer.WrittenSpan;
        var read = WindowAggregate.ReadFrom(ref bytes);
        Assert.True(bytes.IsEmpty);
        Assert.Equal((merged.PowerMean, merged.VectorMean), (read.PowerMean, read.VectorMean));
        if (kind == MeanKind.Power) Assert.Equal(whole.PowerMean, read.PowerMean, 1e-9);
        if (kind == MeanKind.Vector) Assert.Equal(whole.VectorMean, read.VectorMean, 1e-9);
        Assert.Equal(kind != MeanKind.Power, double.IsNaN(read.PowerMean));
        Assert.Equal(kind != MeanKind.Vector, double.IsNaN(read.VectorMean));
    }

    [Fact]
    public void The_sum_keeps_what_plain_addition_loses()
    {
        var aggregate = Of([(0, 1.0), (1, 1e16), (2, 1.0), (3, -1e16)]);
        Assert.Equal(2, aggregate.Sum);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void A_merge_of_random_parts_is_the_union(int seed)
    {
        var random = new Random(seed);
        var readings = Readings(seed, 500, 30);
        var whole = Of(readings);
        var parts = Enumerable.Range(0, 1 + random.Next(20)).Select(_ => new WindowAggregate()).ToList();
        foreach (var (ms, value) in readings) parts[random.Next(parts.Count)].Add(ms, value);
        while (parts.Count > 1)
        {
            // Merge as a tree of random shape, empty parts included.
            var from = parts[random.Next(parts.Count)];
            parts.Remove(from);
            parts[random.Next(parts.Count)].Merge(from);
        }

        var merged = parts[0];
        Assert.Equal(whole.Count, merged.Count);
        Assert.Equal((whole.Min, whole.Max, whole.First, whole.FirstMs, whole.Last, whole.LastMs),
            (merged.Min, merged.Max, merged.First, merged.FirstMs, merged.Last, merged.LastMs));
        Assert.Equal(whole.Sum, merged.Sum, 1e-9);
        Assert.Equal(whole.Mean, merged.Mean, 1e-12);
        Assert.Equal(whole.StdDev, merged.StdDev, 1e-9);
        foreach (var q in new[] { 0, 0.5, 0.95, 0.99, 1 }) Assert.Equal(whole.Quantile(q), merged.Quantile(q));
    }

    [Fact]
    public void First_and_last_do_not_depend_on_the_order_of_arrival()
    {
        (long, double)[] readings = [(5, 1), (1, 8), (1, 3), (9, 2), (9, 6), (4, 4)];
        foreach (var order in new[] { readings, [.. readings.Reverse()] })
        {
            var aggregate = Of(order);
            Assert.Equal((1, 3.0, 9, 6.0), (aggregate.FirstMs, aggregate.First, aggregate.LastMs, aggregate.Last));
        }
    }

    [Fact]
    public void Empty_is_unknown_not_zero()
    {
        var empty = new WindowAggregate();
        Assert.Equal(0, empty.Count);
        Assert.True(double.IsNaN(empty.StdDev));
        Assert.True(double.IsNaN(empty.Quantile(0.5)));
    }

    [Fact]
    public void Quantiles_never_leave_the_range_of_the_values()
    {
        var aggregate = Of([(0, 100), (1, 100)]);
        Assert.Equal(100, aggregate.Quantile(0));
        Assert.Equal(100, aggregate.Quantile(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(700)]
    public void A_state_survives_its_bytes_and_goes_on_as_if_nothing_had_happened(int count)
    {
        var readings = Readings(count + 1, count, 12);
        var original = Of(readings);
        var bytes = Bytes(original);
        ReadOnlySpan<byte> source = [.. bytes, 0xAB];
        var copy = WindowAggregate.ReadFrom(ref source);
        Assert.Equal([0xAB], source.ToArray()); // moved past the state and no further
        Assert.Equal(bytes, Bytes(copy));
        foreach (var (ms, value) in Readings(99, 50, 12))
        {
            original.Add(ms, value);
            copy.Add(ms, value);
        }

        Assert.Equal(Bytes(original), Bytes(copy)); // bit for bit
    }

    [Fact]
    public void A_copy_is_independent()
    {
        var original = Of([(1, 1), (2, 2)]);
        var before = Bytes(original);
        var copy = original.Clone();
        copy.Add(3, 1);
        Assert.Equal(before, Bytes(original));
        Assert.Equal(3, copy.Count);
    }

    [Fact]
    public void Truncated_bytes_are_invalid_data_at_every_length()
    {
        var bytes = Bytes(Of(Readings(5, 40, 3)));
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Assert.Throws<InvalidDataException>(() => Read(cut));
        }
    }

    [Fact]
    public void Corrupt_bytes_are_invalid_data_or_a_state_that_works_and_nothing_else()
    {
        var bytes = Bytes(Of(Readings(6, 40, 3)));
        var refused = 0;
        for (var at = 0; at < bytes.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                byte[] corrupt = [.. bytes];
                corrupt[at] ^= (byte)(1 << bit);
                try
                {
                    var state = Read(corrupt);
                    state.Add(1, 2);
                    _ = state.Quantile(0.5);
                }
                catch (InvalidDataException)
                {
                    refused++;
                }
            }
        }

        Assert.InRange(refused, 1, bytes.Length * 8);
    }

    [Theory]
    [InlineData("00", "version 0")]
    [InlineData("04", "version 4")]
    [InlineData("", "version none")]
    public void An_unknown_version_says_so(string hex, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(Convert.FromHexString(hex)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_count_that_the_sketch_contradicts_is_refused()
    {
        var bytes = Bytes(Of([(1, 1), (2, 2)]));
        bytes[1]++; // the count follows the version
        Assert.Throws<InvalidDataException>(() => Read(bytes));
    }

    internal static byte[] Bytes(WindowAggregate aggregate)
    {
        var writer = new ArrayBufferWriter<byte>();
        aggregate.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static WindowAggregate Read(byte[] bytes)
    {
        ReadOnlySpan<byte> source = bytes;
        return WindowAggregate.ReadFrom(ref source);
    }

    private static WindowAggregate Of(IEnumerable<(long Ms, double Value)> readings)
    {
        var aggregate = new WindowAggregate();
        foreach (var (ms, value) in readings) aggregate.Add(ms, value);
        return aggregate;
    }

    private static List<(long Ms, double Value)> Readings(int seed, int count, double offset)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextInt64(60_000), offset + (random.NextDouble() * 10) - 3))];
    }
}
