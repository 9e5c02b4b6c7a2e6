namespace SmartCity.Contracts.Tests;

/// <summary>Blocks of readings come back bit for bit, small, and nothing else is taken for one.</summary>
public sealed class ReadingCodecTests
{
    private const long T0 = 1_764_000_000_000;

    [Fact]
    public void Whatever_is_measured_comes_back_bit_for_bit_in_its_order()
    {
        var random = new Random(7);
        for (var round = 0; round < 3000; round++)
        {
            var (kind, steady) = (random.Next(5), random.Next(2) == 0);
            var readings = Enumerable.Range(0, random.Next(1, 40)).Select(i => new StoredReading(
                T0 + (steady ? i * 5000 : random.Next(60_000)),
                random.Next(3) == 0 ? -1 : steady ? i : random.Next(int.MinValue, int.MaxValue),
                kind switch
                {
                    0 => Math.Round(random.NextDouble() * 100, random.Next(4)),
                    1 => random.NextDouble() * 1e-7,
                    2 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
                    3 => random.Next(-1000, 1000),
                    _ => 1e15 + (random.Next(10) / 8.0),
                },
                random.Next(6) == 0)).ToArray();
            AssertSame(readings, ReadingCodec.Decode(T0, ReadingCodec.Encode(T0, readings)));
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1 + 0.2)]
    [InlineData(1e300)]
    [InlineData(-5e-324)]
    [InlineData(9007199254740991)]
    [InlineData(9007199254740993)]
    [InlineData(double.MaxValue)]
    public void A_value_at_the_edge_of_what_numbers_can_be_comes_back(double value) =>
        AssertSame([new(T0, -1, 12.3), new(T0 + 1, 5, value), new(T0 + 2, 6, value)], ReadingCodec.Decode(T0, ReadingCodec.Encode(T0, [new(T0, -1, 12.3), new(T0 + 1, 5, value), new(T0 + 2, 6, value)])));

    [Fact]
    public void A_zero_keeps_its_sign() => AssertSame([new(T0, 1, -0.0), new(T0, 2, 0.0)], ReadingCodec.Decode(T0, ReadingCodec.Encode(T0, [new(T0, 1, -0.0), new(T0, 2, 0.0)])));

    [Fact]
    public void A_sensor_costs_two_bytes_a_reading_and_one_with_noise_in_its_last_bits_nine()
    {
        var random = new Random(1);
        StoredReading[] Minute(Func<double> value) => [.. Enumerable.Range(0, 12).Select(i => new StoredReading(T0 + (i * 5000), 1000 + i, value()))];
        Assert.InRange(ReadingCodec.Encode(T0, Minute(() => Math.Round(20 + (random.NextDouble() * 10), 1))).Length, 12, 2 * 12);
        Assert.InRange(ReadingCodec.Encode(T0, Minute(() => 20 + (random.NextDouble() * 10))).Length, 12, (9 * 12) + 8);
        Assert.InRange(ReadingCodec.Encode(T0, [new(T0 + 30_000, 1234, 21.5)]).Length, 1, 10);
    }

    [Fact]
    public void A_block_that_was_cut_off_or_goes_on_is_refused_at_every_length()
    {
        foreach (var value in (double[])[12.5, 1.0 / 3])
        {
            var block = ReadingCodec.Encode(T0, [new(T0, 1, value), new(T0 + 5, 2, value * 2, true), new(T0 + 7, 9, value + 1)]);
            for (var length = 0; length < block.Length; length++) Assert.Throws<InvalidDataException>(() => ReadingCodec.Decode(T0, block.AsSpan(0, length)));
            Assert.Throws<InvalidDataException>(() => ReadingCodec.Decode(T0, [.. block, 0]));
        }
    }

    [Fact]
    public void A_version_that_is_not_known_is_said_and_rubbish_is_never_more_than_refused()
    {
        var block = ReadingCodec.Encode(T0, [new(T0, 1, 2)]);
        block[0] = 9;
        Assert.Equal("A stored block of readings has version 9, which is not known here.", Assert.Throws<InvalidDataException>(() => ReadingCodec.Decode(T0, block)).Message);
        var random = new Random(3);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(1, 40)];
            random.NextBytes(bytes);
            bytes[0] = 1;
            try
            {
                Assert.InRange(ReadingCodec.Decode(T0, bytes).Length, 0, bytes.Length);
            }
            catch (InvalidDataException)
            {
                // What it is.
            }
        }
    }

    private static void AssertSame(StoredReading[] expected, StoredReading[] actual)
    {
        Assert.Equal(expected.Select(Bits), actual.Select(Bits));
        static (long, int, long, bool) Bits(StoredReading r) => (r.EventMs, r.Sequence, BitConverter.DoubleToInt64Bits(r.Value), r.SharesInstant);
    }
}
