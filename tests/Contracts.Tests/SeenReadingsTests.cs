namespace SmartCity.Contracts.Tests;

public sealed class SeenReadingsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Recognises_exactly_what_a_set_recognises_in_any_order(int seed)
    {
        var random = new Random(seed);
        var seen = default(SeenReadings);
        var truth = new HashSet<(long, int)>();
        for (var i = 0; i < 5000; i++)
        {
            var offset = random.NextInt64(random.Next(2) == 0 ? 100 : 86_400_000);
            long? sequence = random.Next(3) switch { 0 => null, 1 => random.Next(5), _ => random.NextInt64(long.MinValue, long.MaxValue) };
            Assert.Equal(truth.Add((offset, (int)(sequence ?? -1))), seen.Add(offset, sequence));
        }

        Assert.Equal(truth.Count, seen.Count);
        var copy = SeenReadings.FromBytes(seen.ToArray());
        Assert.Equal(seen.ToArray(), copy.ToArray());
        foreach (var (offset, sequence) in truth) Assert.False(copy.Add(offset, sequence));
        Assert.Equal(truth.Count, copy.Count);
    }

    [Fact]
    public void The_same_instant_with_another_sequence_is_another_reading()
    {
        var seen = default(SeenReadings);
        Assert.True(seen.Add(10, null));
        Assert.True(seen.Add(10, 0));
        Assert.True(seen.Add(10, 1));
        Assert.False(seen.Add(10, null));
        Assert.False(seen.Add(10, 1L << 32)); // its low 32 bits are 0
    }

    [Fact]
    public void Readings_in_order_cost_few_bytes()
    {
        var seen = default(SeenReadings);
        for (var i = 0; i < 60; i++) seen.Add(i * 1000, i);
        Assert.InRange(seen.ToArray().Length, 60, 60 * 4);
    }

    [Fact]
    public void No_bytes_are_an_empty_set() => Assert.Equal(0, SeenReadings.FromBytes([]).Count);

    [Fact]
    public void Damaged_bytes_are_invalid_data_or_a_set_in_order_and_nothing_else()
    {
        var seen = default(SeenReadings);
        for (var i = 0; i < 30; i++) seen.Add(i * 997, i % 3 == 0 ? null : i);
        var bytes = seen.ToArray();
        for (var length = 1; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Assert.Throws<InvalidDataException>(() => SeenReadings.FromBytes(cut));
        }

        var refused = 0;
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] corrupt = [.. bytes];
            corrupt[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                var read = SeenReadings.FromBytes(corrupt);
                var count = read.Count;
                Assert.True(read.Add(int.MaxValue, 77)); // the search works on what was read
                Assert.Equal(count + 1, read.Count);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, bytes.Length * 8);
    }
}
