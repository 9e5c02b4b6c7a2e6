using Microsoft.Data.Sqlite;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>15 minutes, hours and days are always what the windows below them say, whatever comes late and whenever the work is broken off.</summary>
public sealed class SqliteRollupTests : SqliteStoreTest
{
    private const long Minute = 60_000;
    private static readonly IReadOnlySet<long> s_nothingOpen = new HashSet<long>();

    [Fact]
    public async Task A_day_begins_at_midnight_in_Vietnam_and_has_its_hours_and_quarters()
    {
        var day = TimeTier.Day.StartOf(T0); // T0 is 16:00 UTC: 23:00 of the day that began at 17:00 UTC the day before
        Assert.Equal(T0 - (23 * Hour), day);
        await Store.WriteAsync([Window(T0 - Minute, 1), Window(T0, 2), Window(T0 + (59 * Minute), 4), Window(T0 + Hour, 8)], [], default);
        await Store.RollUpAsync(T0 + (26 * Hour), default);
        Assert.Equal([(day, 3L, 7.0), (day + (24 * Hour), 1, 8)], await RowsAsync(TimeTier.Day));
        Assert.Equal([(T0 - Hour, 1L, 1.0), (T0, 2, 6), (T0 + Hour, 1, 8)], await RowsAsync(TimeTier.Hour));
        Assert.Equal([(T0 - (15 * Minute), 1L, 1.0), (T0, 1, 2), (T0 + (45 * Minute), 1, 4), (T0 + Hour, 1, 8)], await RowsAsync(TimeTier.Quarter));
    }

    [Fact]
    public async Task What_has_not_ended_is_merged_from_windows()
    {
        await Store.WriteAsync([Window(T0, 1), Window(T0 + (20 * Minute), 2)], [], default);
        await Store.RollUpAsync(T0 + (21 * Minute), default);
        Assert.Equal([(T0, 1L, 1.0), (T0 + (20 * Minute), 1, 2)], await RowsAsync(TimeTier.Quarter)); // the second one is a window
        Assert.Equal([(T0, 1L, 1.0), (T0 + (20 * Minute), 1, 2)], await RowsAsync(TimeTier.Hour));
    }

    [Fact]
    public async Task A_late_reading_corrects_every_row_above_its_window_and_no_other()
    {
        await Store.WriteAsync([Window(T0, 1), Window(T0 + Hour, 2), Window(T0 + (48 * Hour), 4)], [Area(T0, 1), Area(T0 + Hour, 2)], default);
        await Store.RollUpAsync(T0 + (100 * Hour), default);
        var before = await StatesAsync();
        await Store.WriteAsync([Window(T0, 1, 16)], [Area(T0, 1, 16)], default);

        // At once, though nothing has been built again.
        Assert.Equal([(T0, 2L, 17.0), (T0 + Hour, 1, 2), (TimeTier.Day.StartOf(T0 + (48 * Hour)), 1, 4)], await RowsAsync(TimeTier.Day));
        await Store.RollUpAsync(T0 + (100 * Hour), default);
        Assert.Equal([(TimeTier.Day.StartOf(T0), 2L, 17.0), (TimeTier.Day.StartOf(T0 + Hour), 1, 2), (TimeTier.Day.StartOf(T0 + (48 * Hour)), 1, 4)], await RowsAsync(TimeTier.Day));
        var area = await Store.ReadRolledAreaAsync("hn", "air", "pm25", T0 - (24 * Hour), T0 + (24 * Hour), TimeTier.Day, default);
        Assert.Equal([2L, 1], area.Select(r => r.Aggregate.Count));
        var after = await StatesAsync();
        Assert.Equal(before.Keys, after.Keys);
        Assert.Equal(6, before.Count(b => !b.Value.SequenceEqual(after[b.Key]))); // three rows of the device, three of the area
        Assert.Equal(0, await CountAsync("rollup_dirty"));
    }

    [Fact]
    public async Task A_reading_from_long_before_the_first_row_is_built_too()
    {
        await Store.WriteAsync([Window(T0, 1)], [], default);
        await Store.RollUpAsync(T0 + (3 * Hour), default);
        await Store.WriteAsync([Window(T0 - (4000 * Hour), 2)], [], default);
        await Store.RollUpAsync(T0 + (3 * Hour), default);
        Assert.Equal([(T0 - (4000 * Hour), 1L, 2.0), (T0, 1, 1)], await RowsAsync(TimeTier.Hour));
        Assert.Equal(0, await CountAsync("rollup_dirty"));
    }

    [Fact]
    public async Task Windows_that_somebody_has_in_a_newer_version_are_given_instead_of_their_row()
    {
        await Store.WriteAsync([Window(T0, 1), Window(T0 + Minute, 2), Window(T0 + (15 * Minute), 4)], [], default);
        await Store.RollUpAsync(T0 + (3 * Hour), default);
        var rows = await Store.ReadRolledAsync("d1", "pm25", T0, T0 + Hour, TimeTier.Quarter, new HashSet<long> { T0 + Minute }, default);
        Assert.Equal([(T0, true), (T0 + Minute, true), (T0 + (15 * Minute), false)], rows.Select(r => (r.StartMs, r.Taken is not null)));
    }

    [Fact]
    public async Task A_device_that_moved_has_a_row_for_each_place()
    {
        var saigon = new StreamName("nam", "sg", "air");
        await Store.WriteAsync([Window(T0, 1), Sample.Window(startMs: T0 + Minute, values: [2], stream: saigon)], [], default);
        await Store.RollUpAsync(T0 + (3 * Hour), default);
        var rows = await Store.ReadRolledAsync("d1", "pm25", T0, T0 + Hour, TimeTier.Hour, s_nothingOpen, default);
        Assert.Equal([(Sample.Air, 1.0), (saigon, 2.0)], rows.Select(r => (r.Stream!, r.Aggregate.Sum)));
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_is_left_out_alone()
    {
        await Store.WriteAsync([Window(T0, 1), Window(T0 + Minute, 2), Sample.Window("d2", startMs: T0, values: [4])], [], default);
        await ExecuteAsync("UPDATE device_window SET state = x'63' WHERE id = (SELECT id FROM device_window ORDER BY id LIMIT 1)");
        await Store.RollUpAsync(T0 + (3 * Hour), default);
        Assert.Equal([(T0, 1L, 2.0)], await RowsAsync(TimeTier.Hour));
        Assert.Equal([(T0, 1L, 4.0)], await RowsAsync(TimeTier.Hour, "d2"));
    }

    [Theory]
    [InlineData(60, 3)]
    [InlineData(1, 3)]
    [InlineData(900, 2)]
    [InlineData(2700, 1)] // an hour and 15 minutes have no whole number of 45 minutes, and neither begins a day at 17:00 UTC
    [InlineData(86_400, 0)]
    public void Tiers_are_those_that_a_window_fits_into(int windowSeconds, int count) => Assert.Equal(windowSeconds == 2700 ? 0 : count, TimeTier.Above(windowSeconds).Count);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_comes_when_and_wherever_the_work_is_broken_off_rows_are_what_is_below_them(int seed)
    {
        var random = new Random(seed);
        var readings = new Dictionary<(string Device, long StartMs), List<double>>();
        var now = T0;
        for (var round = 0; round < 60; round++)
        {
            now += random.NextInt64(40 * Minute);
            var windows = new List<DeviceWindow>();
            for (var i = 0; i < 8; i++)
            {
                // Mostly now, sometimes up to three days late.
                var start = (now - (random.Next(4) == 0 ? random.NextInt64(72 * Hour) : random.NextInt64(2 * Minute))) / Minute * Minute;
                var key = ($"d{random.Next(3)}", start);
                if (!readings.TryGetValue(key, out var values)) readings[key] = values = [];
                values.Add(random.Next(-1000, 1000) / 8.0);
                windows.Add(Sample.Window(key.Item1, startMs: start, values: [.. values]));
            }

            await Store.WriteAsync(windows, [.. windows.Where(w => w.DeviceId == "d0").Select(w => Sample.Area(startMs: w.StartMs, values: [.. readings[("d0", w.StartMs)]]))], default);
            using var broken = new CancellationTokenSource();
            if (random.Next(2) == 0) broken.CancelAfter(TimeSpan.FromMicroseconds(random.Next(1, 3000)));
            try
            {
                await Store.RollUpAsync(now, broken.Token);
            }
            catch (OperationCanceledException)
            {
                if (random.Next(2) == 0) await Reopen();
            }

            // In the middle of it all, the sums are right.
            foreach (var tier in TimeTier.Above(60))
            {
                var device = $"d{random.Next(3)}";
                var expected = readings.Where(r => r.Key.Device == device).GroupBy(r => tier.StartOf(r.Key.StartMs)).OrderBy(g => g.Key).Select(g => (g.Key, g.Sum(r => r.Value.Count), g.Sum(r => r.Value.Sum())));
                var rows = await Store.ReadRolledAsync(device, "pm25", 0, long.MaxValue / 2, tier, s_nothingOpen, default);
                Assert.Equal(expected, rows.GroupBy(r => tier.StartOf(r.StartMs)).Select(g => (g.Key, (int)g.Sum(r => r.Aggregate.Count), g.Sum(r => r.Aggregate.Sum))));
            }
        }

        await Store.RollUpAsync(now + (100 * Hour), default);
        Assert.Equal(0, await CountAsync("rollup_dirty"));
        for (var i = 0; i < 3; i++)
        {
            var below = (await Store.ReadWindowsAsync($"d{i}", "pm25", 0, long.MaxValue / 2, default)).Select(RolledWindow.From).ToList();
            var areas = (await Store.ReadAreaWindowsAsync("hn", "air", "pm25", 0, long.MaxValue / 2, default)).Select(RolledWindow.From).ToList();
            foreach (var tier in TimeTier.Above(60))
            {
                (below, areas) = (Merge(below, tier), Merge(areas, tier));
                AssertSame(below, await Store.ReadRolledAsync($"d{i}", "pm25", 0, long.MaxValue / 2, tier, s_nothingOpen, default));
                AssertSame(areas, await Store.ReadRolledAreaAsync("hn", "air", "pm25", 0, long.MaxValue / 2, tier, default));
            }
        }
    }

    private static DeviceWindow Window(long startMs, params double[] values) => Sample.Window(startMs: startMs, values: values);

    private static AreaWindow Area(long startMs, params double[] values) => Sample.Area(startMs: startMs, values: values);

    private static List<RolledWindow> Merge(List<RolledWindow> below, TimeTier tier) => [.. below.GroupBy(w => tier.StartOf(w.StartMs)).Select(g =>
    {
        var merged = new WindowAggregate();
        foreach (var window in g) merged.Merge(window.Aggregate);
        return new RolledWindow(g.Key, g.First().Stream, merged);
    })];

    // Bit for bit: the rows are built from what is below them in the order of time, whatever the order in which it came.
    private static void AssertSame(List<RolledWindow> expected, IReadOnlyList<RolledWindow> actual) => Assert.Equal(
        expected.Select(w => SeriesRow.From(w.StartMs, w.Aggregate)), actual.Select(w => SeriesRow.From(w.StartMs, w.Aggregate)));

    private async Task<List<(long StartMs, long Count, double Sum)>> RowsAsync(TimeTier tier, string device = "d1") =>
        [.. (await Store.ReadRolledAsync(device, "pm25", 0, long.MaxValue / 2, tier, s_nothingOpen, default)).Select(r => (r.StartMs, r.Aggregate.Count, r.Aggregate.Sum))];

    private async Task<SortedDictionary<string, byte[]>> StatesAsync()
    {
        var states = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT 'device ' || id, state FROM device_rollup UNION ALL SELECT 'area ' || id, state FROM area_rollup";
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) states.Add(reader.GetString(0), (byte[])reader[1]);
        return states;
    }

    private async Task<long> CountAsync(string table)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table}";
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(Folder.Path, "city.db")};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
