using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>Rows of a counter hold the steps between the windows they were built from, and are corrected with them.</summary>
public sealed class SqliteCounterTests : SqliteStoreTest
{
    private const long Minute = 60_000;
    private static readonly IReadOnlySet<long> s_nothingOpen = new HashSet<long>();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Rows_of_every_tier_with_the_steps_between_them_are_what_the_meter_has_counted(int seed)
    {
        var random = new Random(seed);
        var readings = new SortedDictionary<long, double>();
        var (ms, value) = (T0, 500.0);
        while (ms < T0 + (50 * Hour))
        {
            readings[ms] = value;
            ms += random.NextInt64(1, 20 * Minute);
            value = random.Next(15) == 0 ? random.Next(3) : value + random.Next(6);
        }

        // A tenth comes when its rows are built already.
        var late = readings.Keys.Where(_ => random.Next(10) == 0).ToHashSet();
        await WriteAsync(readings.Where(r => !late.Contains(r.Key)), readings.Keys.Except(late));
        await Store.RollUpAsync(T0 + (100 * Hour), default);
        await WriteAsync(readings, late);
        await AssertRowsAsync(readings);
        await Store.RollUpAsync(T0 + (100 * Hour), default);
        await AssertRowsAsync(readings);
        await Reopen();
        await AssertRowsAsync(readings);
    }

    [Fact]
    public async Task A_row_above_windows_of_an_earlier_version_and_of_this_one_counts_through_both()
    {
        await Store.WriteAsync([Sample.Window(startMs: T0, values: [10, 12, 15]), Counter(T0 + Minute, [(T0 + Minute, 16), (T0 + Minute + 5, 20)])], [], default);
        await Store.RollUpAsync(T0 + (3 * Hour), default);
        var row = Assert.Single(await Store.ReadRolledAsync("d1", "pm25", T0, T0 + Hour, TimeTier.Hour, s_nothingOpen, default));
        Assert.Null(row.Taken); // it is the row
        Assert.Equal((10.0, 0L), (row.Aggregate.Increase, row.Aggregate.Resets));
    }

    [Fact]
    public async Task Areas_are_added_up_without_steps()
    {
        AreaWindow Told(long startMs, double increase)
        {
            var area = new WindowAggregate();
            area.Merge(Counter(startMs, [(startMs, 1000 * increase)]).Aggregate.ToldBy(new(increase, 1)));
            return new() { Area = "hn", Kind = "air", Metric = "pm25", StartMs = startMs, Aggregate = area };
        }

        await Store.WriteAsync([], [Told(T0, 2), Told(T0 + Minute, 0.5), Told(T0 + (20 * Minute), 4)], default);
        await Store.RollUpAsync(T0 + (3 * Hour), default);
        var row = Assert.Single(await Store.ReadRolledAreaAsync("hn", "air", "pm25", T0, T0 + Hour, TimeTier.Hour, default));
        Assert.Equal((6.5, 3L, 3L), (row.Aggregate.Increase, row.Aggregate.Resets, row.Aggregate.Count));
    }

    private async Task WriteAsync(IEnumerable<KeyValuePair<long, double>> readings, IEnumerable<long> touched)
    {
        var starts = touched.Select(t => t / Minute * Minute).ToHashSet();
        var windows = readings.GroupBy(r => r.Key / Minute * Minute).Where(g => starts.Contains(g.Key)).Select(g => Counter(g.Key, g.Select(r => (r.Key, r.Value))));
        await Store.WriteAsync([.. windows], [], default);
    }

    private async Task AssertRowsAsync(SortedDictionary<long, double> readings)
    {
        foreach (var tier in TimeTier.Above(60))
        {
            var merged = new WindowAggregate();
            foreach (var row in await Store.ReadRolledAsync("d1", "pm25", 0, long.MaxValue / 2, tier, s_nothingOpen, default))
            {
                merged.Merge(row.Aggregate);
                var end = tier.StartOf(row.StartMs) + tier.LengthMs;
                if (row.Taken is null) AssertCounted(readings.Where(r => r.Key >= row.StartMs && r.Key < end), row.Aggregate);
            }

            AssertCounted(readings, merged);
        }
    }

    private static void AssertCounted(IEnumerable<KeyValuePair<long, double>> readings, WindowAggregate actual)
    {
        var values = readings.Select(r => r.Value).ToList();
        var expected = values.Zip(values.Skip(1)).Aggregate(default(CounterStep), (sum, pair) => sum + CounterStep.Between(pair.First, pair.Second));
        Assert.Equal(expected, new(actual.Increase, actual.Resets));
    }

    private static DeviceWindow Counter(long startMs, IEnumerable<(long Ms, double Value)> readings)
    {
        var aggregate = new WindowAggregate();
        foreach (var (ms, value) in readings) aggregate.Add(ms, value, MetricForm.Counter);
        return Sample.Window(startMs: startMs, aggregate: aggregate);
    }
}
