using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>What everything that keeps raw readings must do.</summary>
public abstract class ReadingStoreConformance
{
    private const long T0 = Sample.T0;
    private const long Minute = 60_000;

    protected abstract Task WriteAsync(params ReadingBlock[] blocks);

    protected abstract Task<ReadingPage> ReadAsync(ReadingQuery query);

    [Fact]
    public async Task Readings_come_back_bit_for_bit_with_time_and_sequence()
    {
        StoredReading[] readings =
        [
            new(T0, 0, 0.1 + 0.2), new(T0 + 1, int.MaxValue, -0.0), new(T0 + 2, int.MinValue, 1e300), new(T0 + 3, -1, 1.0 / 3), new(T0 + 59_999, -2, 123456789.123),
        ];
        await WriteAsync(Sample.Block(readings: readings));
        Assert.Equal(readings.Select(Text), (await AllAsync()).Select(Text));
        static string Text(StoredReading r) => FormattableString.Invariant($"{r.EventMs} {r.Sequence} {BitConverter.DoubleToInt64Bits(r.Value):x}");
    }

    [Fact]
    public async Task Readings_of_the_same_instant_are_told_apart_by_their_sequence_whenever_they_came()
    {
        await WriteAsync(Sample.Block(readings: [new(T0, 7, 1), new(T0, 8, 2, true), new(T0, -1, 3, true)]));
        await WriteAsync(Sample.Block(readings: [new(T0, 5, 4, true)]));
        Assert.Equal([(5, 4.0), (7, 1.0), (8, 2.0), (-1, 3.0)], (await AllAsync()).Select(r => (r.Sequence, r.Value)));
    }

    [Fact]
    public async Task The_same_block_sent_again_changes_nothing_where_a_resend_can_happen_and_a_correction_adds_to_it()
    {
        await WriteAsync(Sample.Block(readings: [new(T0 + 5, 1, 1)]), Sample.Block(metric: "pm10", readings: [new(T0 + 5, 1, 10)]));
        await WriteAsync(Sample.Block(readings: [new(T0 + 2, 2, 2)]));
        Assert.Equal([(T0 + 2, 2.0), (T0 + 5, 1.0)], (await AllAsync()).Select(r => (r.EventMs, r.Value)));
        Assert.Equal(10, Assert.Single(await AllAsync(metric: "pm10")).Value);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Pages_of_any_size_give_each_reading_once_in_order(int limit)
    {
        var random = new Random(limit);
        var expected = new List<StoredReading>();
        for (var window = 0; window < 6; window++)
        {
            // Several at each instant, more than a page has: nothing but their numbers tells them apart.
            var readings = Enumerable.Range(0, 20).Select(i => new StoredReading(T0 + (window * Minute) + random.Next(6), (window * 100) + i, i / 8.0, i > 0)).ToArray();
            var seen = new HashSet<long>();
            for (var i = 0; i < readings.Length; i++) readings[i] = readings[i] with { SharesInstant = !seen.Add(readings[i].EventMs) };
            await WriteAsync(Sample.Block(startMs: T0 + (window * Minute), readings: readings[..11]));
            await WriteAsync(Sample.Block(startMs: T0 + (window * Minute), readings: readings[11..]));
            expected.AddRange(readings);
        }

        var (read, more) = (new List<StoredReading>(), true);
        while (more)
        {
            var page = await ReadAsync(new("d1", "air", "pm25", T0, T0 + (6 * Minute), read.Count == 0 ? null : read[^1].Mark, limit));
            Assert.True(page.Readings.Count <= limit && (page.Readings.Count > 0 || !page.More));
            read.AddRange(page.Readings);
            more = page.More;
        }

        Assert.Equal(expected.OrderBy(r => r.Mark).Select(r => (r.Mark, r.Value)), read.Select(r => (r.Mark, r.Value)));
    }

    [Fact]
    public async Task The_range_is_of_event_times_and_includes_its_start_and_excludes_its_end()
    {
        await WriteAsync(Sample.Block(), Sample.Block(startMs: T0 + Minute));
        Assert.Equal([T0 + 1000, T0 + 2000, T0 + Minute], (await AllAsync(from: T0 + 1, to: T0 + Minute + 1)).Select(r => r.EventMs));
        Assert.Empty(await AllAsync(from: T0 + 2001, to: T0 + Minute));
        Assert.Empty(await AllAsync(from: T0 + 1000, to: T0 + 1000));
        Assert.Equal(6, (await AllAsync(from: 0, to: long.MaxValue)).Count);
    }

    [Fact]
    public async Task Other_devices_kinds_and_metrics_are_kept_apart_and_the_places_of_one_device_put_together()
    {
        await WriteAsync(
            Sample.Block(readings: [new(T0, 1, 1)]), Sample.Block("d10", readings: [new(T0, 1, 2)]), Sample.Block(metric: "pm2", readings: [new(T0, 1, 3)]),
            Sample.Block(stream: new("bac", "hn", "water"), readings: [new(T0, 1, 4)]), Sample.Block(stream: new("nam", "sg", "air"), readings: [new(T0 + 1, 2, 5)]));
        Assert.Equal([1.0, 5], (await AllAsync()).Select(r => r.Value));
        Assert.Equal(4, Assert.Single(await AllAsync(kind: "water")).Value);
        Assert.Empty(await AllAsync("nobody"));
        Assert.Empty(await AllAsync(metric: "nothing"));
    }

    [Theory]
    [InlineData("trạm đo 1", "nhiệt độ")]
    [InlineData("comma,equals=space \"quotes\" 'single'", "pm,2=5 \"x\" 'y'")]
    [InlineData("back\\slash", "m_value")]
    public async Task Odd_names_are_only_names(string device, string metric)
    {
        await WriteAsync(Sample.Block(device, metric, readings: [new(T0, 3, 9)]), Sample.Block(device, "m", readings: [new(T0, 4, 8)]));
        Assert.Equal((3, 9.0), Assert.Single((await AllAsync(device, metric: metric)).Select(r => (r.Sequence, r.Value))));
    }

    private async Task<IReadOnlyList<StoredReading>> AllAsync(string device = "d1", string kind = "air", string metric = "pm25", long from = T0, long to = T0 + (10 * Minute)) =>
        (await ReadAsync(new(device, kind, metric, from, to, null, 1000))).Readings;
}
