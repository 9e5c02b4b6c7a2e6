using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

public sealed class SqliteStoreTests : IAsyncLifetime
{
    private const long T0 = Sample.T0;
    private const long Hour = 3_600_000;
    private readonly TempFolder _folder = new();
    private SqliteStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _store = new SqliteStore(_folder.Options());
        await _store.OpenAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_new_store_has_never_seen_a_record()
    {
        Assert.Equal(new StoreMarks(-1, -1), await _store.OpenAsync(default));
        Assert.Empty(await _store.ListDevicesAsync(default));
        Assert.Empty(await _store.LoadLatestAsync("d1"));
        Assert.Null(await _store.LoadWindowAsync(new("d1", Sample.Air, "pm25", T0)));
        Assert.Null(await _store.LoadAreaWindowAsync("hn", "air", "pm25", T0));
        Assert.Null(await _store.LoadTileAsync("452-04", T0, new(17, 1, 1), "rsrp"));
        Assert.Empty(await _store.ReadLedgerAsync(0, long.MaxValue, null, default));
        Assert.Empty(await _store.ReadDeadLettersAsync(null, 10, default));
    }

    [Fact]
    public async Task Marks_survive_reopening_and_null_leaves_them()
    {
        await _store.CommitAsync(new StoreCommit { Checkpoint = 41, AcceptedThrough = 50 }, default);
        await _store.CommitAsync(new StoreCommit { Checkpoint = 42 }, default);
        await _store.CommitAsync(new StoreCommit { AcceptedThrough = 51 }, default);
        await _store.CommitAsync(Commit(c => c.Windows.Add(Sample.Window())), default);
        Assert.Equal(new StoreMarks(42, 51), await Reopen());
    }

    [Fact]
    public async Task A_window_comes_back_with_its_full_state()
    {
        var window = Sample.Window(late: 1, duplicates: 4, appliedThrough: long.MaxValue, revision: 3, seen: [9, 8, 7]);
        await _store.CommitAsync(Commit(c => c.Windows.Add(window)), default);
        await Reopen();
        var read = await _store.LoadWindowAsync(new("d1", Sample.Air, "pm25", T0));
        AssertSame(window, read);
        Assert.Null(await _store.LoadWindowAsync(new("d1", Sample.Air, "pm25", T0 + 60_000)));
        Assert.Null(await _store.LoadWindowAsync(new("d1", Sample.Air with { Unit = "hp" }, "pm25", T0)));
        Assert.Null(await _store.LoadWindowAsync(new("d1", Sample.Air, "pm10", T0)));
        Assert.Null(await _store.LoadWindowAsync(new("d2", Sample.Air, "pm25", T0)));
    }

    [Fact]
    public async Task Writing_a_window_again_replaces_it_and_the_last_of_one_commit_wins()
    {
        await _store.CommitAsync(Commit(c => c.Windows.Add(Sample.Window(values: [1]))), default);
        var second = Sample.Window(values: [1, 2], revision: 2);
        var third = Sample.Window(values: [1, 2, 3], revision: 3, seen: []);
        await _store.CommitAsync(Commit(c => c.Windows.AddRange([second, third])), default);
        AssertSame(third, Assert.Single(await _store.ReadWindowsAsync("d1", "pm25", T0, T0 + 1, default)));
        var ledger = Assert.Single(await _store.ReadLedgerAsync(T0, T0 + 1, null, default));
        Assert.Equal(3, ledger.Stored);
    }

    [Fact]
    public async Task Windows_are_read_by_start_with_every_stream_of_a_device_that_moved()
    {
        var moved = new StreamName("nam", "sg", "air");
        await _store.CommitAsync(
            Commit(c =>
            {
                c.Windows.Add(Sample.Window(startMs: T0 + 120_000));
                c.Windows.Add(Sample.Window(startMs: T0));
                c.Windows.Add(Sample.Window(startMs: T0 + 60_000, stream: moved, values: [8]));
                c.Windows.Add(Sample.Window(startMs: T0 + 60_000));
                c.Windows.Add(Sample.Window(metric: "pm10"));
                c.Windows.Add(Sample.Window(device: "d2"));
            }),
            default);
        await _store.CommitAsync(Commit(c => c.Windows.Add(Sample.Window(startMs: T0 - 60_000))), default); // late: a start before those known
        var rows = await _store.ReadWindowsAsync("d1", "pm25", T0 - 60_000, T0 + 120_000, default);
        Assert.Equal([T0 - 60_000, T0, T0 + 60_000, T0 + 60_000], rows.Select(r => r.StartMs));
        Assert.Equal([Sample.Air, moved], rows.Skip(2).Select(r => r.Stream).OrderBy(s => s.Region));
        Assert.Equal(5, (await _store.ReadWindowsAsync("d1", "pm25", long.MinValue, long.MaxValue, default)).Count);
    }

    [Fact]
    public async Task Area_windows_come_back_and_are_replaced()
    {
        var first = Sample.Area(values: [1, 2]);
        var other = Sample.Area(startMs: T0 + 60_000);
        await _store.WriteAsync([], [other, first, Sample.Area(area: "hp"), Sample.Area(kind: "noise"), Sample.Area(metric: "pm10")], default);
        AssertSame(first, await _store.LoadAreaWindowAsync("hn", "air", "pm25", T0));
        var corrected = Sample.Area(values: [1, 2, 3]);
        await _store.WriteAsync([], [corrected], default);
        var rows = await _store.ReadAreaWindowsAsync("hn", "air", "pm25", T0, T0 + 60_001, default);
        Assert.Equal(2, rows.Count);
        AssertSame(corrected, rows[0]);
        AssertSame(other, rows[1]);
        Assert.Null(await _store.LoadAreaWindowAsync("hn", "air", "pm25", long.MaxValue));
    }

    [Fact]
    public async Task The_latest_value_is_the_last_measured_and_of_two_at_one_instant_the_last_written()
    {
        await Latest(T0, 1);
        await Latest(T0 - 1, 2);
        Assert.Equal(1, Assert.Single(await _store.LoadLatestAsync("d1")).Value);
        await Latest(T0, 3);
        Assert.Equal(3, Assert.Single(await _store.LoadLatestAsync("d1")).Value);
        await Latest(T0 + 1, 4);
        await _store.CommitAsync(
            Commit(c =>
            {
                c.Latest.Add(("d1", new("air", "temp", T0, 31)));
                c.Latest.Add(("d1", new("noise", "pm25", T0, 60)));
                c.Latest.Add(("d2", new("air", "pm25", T0, 9)));
            }),
            default);
        Assert.Equal(
            [new("air", "pm25", T0 + 1, 4), new("air", "temp", T0, 31), new LatestValue("noise", "pm25", T0, 60)], await _store.LoadLatestAsync("d1"));
    }

    [Fact]
    public async Task Devices_are_replaced_and_a_place_that_was_never_said_stays_unknown()
    {
        var first = new DeviceRecord { Id = "b", Stream = Sample.Air, RegisteredMs = 5, LastSeenMs = 6 };
        var second = new DeviceRecord { Id = "a:1._-Z", Stream = Sample.Air, RegisteredMs = 7, LastSeenMs = 8, Latitude = 21.03, Longitude = 105.85 };
        await _store.CommitAsync(Commit(c => c.Devices.AddRange([first, second])), default);
        var moved = first with { Stream = new("nam", "sg", "air"), LastSeenMs = 99 };
        await _store.CommitAsync(Commit(c => c.Devices.Add(moved)), default);
        Assert.Equal([second, moved], await _store.ListDevicesAsync(default));
        Assert.True(double.IsNaN((await _store.ListDevicesAsync(default))[1].Latitude));
    }

    [Fact]
    public async Task The_ledger_sums_windows_by_the_hour_of_their_start()
    {
        await _store.CommitAsync(
            Commit(c =>
            {
                c.Windows.Add(Sample.Window(values: [1, 2, 3, 4], late: 1, duplicates: 2));
                c.Windows.Add(Sample.Window(metric: "pm10", startMs: T0 + Hour - 60_000, values: [1, 2]));
                c.Windows.Add(Sample.Window(startMs: T0 + Hour, values: [5], duplicates: 7));
                c.Windows.Add(Sample.Window(device: "d2", values: [5]));
                c.Accepted.Add(new("d1", T0, 6));
                c.Accepted.Add(new("d1", T0 + 1, 2)); // any time inside the hour
                c.Accepted.Add(new("d3", T0, 1));
                c.DeadLetters.Add(Sample.Dead(1));
                c.DeadLetters.Add(Sample.Dead(1, 1, reason: RejectReason.OutOfRange, readings: 3));
                c.DeadLetters.Add(Sample.Dead(2, device: "d4"));
            }),
            default);
        var rows = await _store.ReadLedgerAsync(T0, T0 + (2 * Hour), null, default);
        Assert.Equal([("d1", T0), ("d2", T0), ("d3", T0), ("d4", T0), ("d1", T0 + Hour)], rows.Select(r => (r.DeviceId, r.HourMs)));
        Assert.Equal((8, 5, 2, 1), (rows[0].Accepted, rows[0].Stored, rows[0].Duplicate, rows[0].LateCorrected));
        Assert.Equal(new Dictionary<string, long> { [RejectReason.BadJson] = 1, [RejectReason.OutOfRange] = 3 }, rows[0].Rejected);
        Assert.Equal((0, 1, 7, 0), (rows[4].Accepted, rows[4].Stored, rows[4].Duplicate, rows[4].LateCorrected));
        Assert.Equal(1, rows[3].Rejected[RejectReason.BadJson]);

        var one = await _store.ReadLedgerAsync(T0, T0 + (2 * Hour), "d1", default);
        Assert.Equal([T0, T0 + Hour], one.Select(r => r.HourMs));
        Assert.Equivalent(rows[0], one[0], strict: true);
        Assert.Equal(T0 + Hour, Assert.Single(await _store.ReadLedgerAsync(T0 + 1, T0 + Hour + 1, "d1", default)).HourMs);
        Assert.Equal("d4", Assert.Single(await _store.ReadLedgerAsync(long.MinValue, long.MaxValue, "d4", default)).DeviceId);
        Assert.Empty(await _store.ReadLedgerAsync(T0, T0, null, default));
        Assert.Empty(await _store.ReadLedgerAsync(T0, T0 + Hour, "nobody", default));
    }

    [Fact]
    public async Task A_corrected_window_changes_the_ledger_by_the_difference()
    {
        await _store.CommitAsync(Commit(c => c.Windows.Add(Sample.Window(values: [1, 2, 3], duplicates: 1))), default);
        await Reopen(); // names and starts are not cached then
        await _store.CommitAsync(Commit(c => c.Windows.Add(Sample.Window(values: [1, 2, 3, 4, 5], late: 2, duplicates: 3, revision: 2))), default);
        var row = Assert.Single(await _store.ReadLedgerAsync(T0, T0 + 1, "d1", default));
        Assert.Equal((3, 2, 3), (row.Stored, row.LateCorrected, row.Duplicate));
    }

    [Fact]
    public async Task The_ledger_equals_the_sum_over_all_windows_after_many_random_commits()
    {
        var random = new Random(11);
        var expected = new Dictionary<(string, long), (long Stored, long Late, long Duplicate)>();
        var windows = new Dictionary<(string, string, long), DeviceWindow>();
        for (var round = 0; round < 30; round++)
        {
            var commit = new StoreCommit();
            for (var i = 0; i < 50; i++)
            {
                var values = Enumerable.Repeat(1.0, random.Next(1, 20)).ToArray();
                var window = Sample.Window(
                    $"d{random.Next(5)}", $"m{random.Next(3)}", T0 + (random.Next(-100, 100) * 60_000L), values, random.Next(values.Length + 1), random.Next(9));
                windows[(window.DeviceId, window.Metric, window.StartMs)] = window;
                commit.Windows.Add(window);
            }

            await _store.CommitAsync(commit, default);
            if (round % 10 == 0) await Reopen();
        }

        foreach (var window in windows.Values)
        {
            var key = (window.DeviceId, window.StartMs - (window.StartMs % Hour));
            var (stored, late, duplicate) = expected.GetValueOrDefault(key);
            expected[key] = (stored + window.Aggregate.Count - window.Late, late + window.Late, duplicate + window.Duplicates);
        }

        var rows = await _store.ReadLedgerAsync(0, long.MaxValue, null, default);
        Assert.Equal(expected, rows.ToDictionary(r => (r.DeviceId, r.HourMs), r => (r.Stored, r.LateCorrected, r.Duplicate)));
    }

    [Fact]
    public async Task Hours_before_1970_are_floored_too()
    {
        await _store.CommitAsync(Commit(c => c.Accepted.Add(new("d1", -1, 1))), default);
        Assert.Equal(-Hour, Assert.Single(await _store.ReadLedgerAsync(-Hour, 0, null, default)).HourMs);
    }

    [Fact]
    public async Task The_same_commit_twice_changes_nothing_but_the_accepted_counts()
    {
        var commit = Commit(c =>
        {
            c.Windows.AddRange([Sample.Window(late: 1), Sample.Window(metric: "pm10")]);
            c.Areas.Add(Sample.Area());
            c.Latest.Add(("d1", new("air", "pm25", T0, 1)));
            c.Devices.Add(new DeviceRecord { Id = "d1", Stream = Sample.Air, RegisteredMs = 1, LastSeenMs = 2 });
            c.Tiles.Add(Tile(10, 10));
            c.DeadLetters.AddRange([Sample.Dead(1), Sample.Dead(1, 1), Sample.Dead(2, readings: 5)]);
            c.Accepted.Add(new("d1", T0, 13));
            c.Checkpoint = 2;
        });
        await _store.CommitAsync(commit, default);
        var before = await _store.ReadLedgerAsync(T0, T0 + 1, "d1", default);
        await _store.CommitAsync(commit, default);
        var after = await _store.ReadLedgerAsync(T0, T0 + 1, "d1", default);
        Assert.Equivalent(before[0] with { Accepted = 26 }, after[0], strict: true);
        Assert.Equal(7, after[0].Rejected[RejectReason.BadJson]);
        Assert.Equal(3, (await _store.ReadDeadLettersAsync(null, 100, default)).Count);
        Assert.Single(await _store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue, default));
        Assert.Single(await _store.ReadTilesAsync(new(0, 0, 0), "rsrp", null, 0, long.MaxValue, default));
        Assert.Single(await _store.ListDevicesAsync(default));
    }

    [Fact]
    public async Task Dead_letters_come_newest_first_of_one_device_or_all()
    {
        var letter = Sample.Dead(3, 1, readings: 2);
        await _store.CommitAsync(Commit(c => c.DeadLetters.AddRange([Sample.Dead(2), letter, Sample.Dead(3), Sample.Dead(1, device: "d2"), Sample.Dead(9, device: "")])), default);
        Assert.Equal([(9L, 0), (3, 1), (3, 0), (2, 0), (1, 0)], (await _store.ReadDeadLettersAsync(null, 10, default)).Select(d => (d.Position, d.Ordinal)));
        Assert.Equal([(3L, 1), (3, 0)], (await _store.ReadDeadLettersAsync("d1", 2, default)).Select(d => (d.Position, d.Ordinal)));
        Assert.Single(await _store.ReadDeadLettersAsync("", 10, default));
        Assert.Empty(await _store.ReadDeadLettersAsync(null, 0, default));
        Assert.Equivalent(letter, (await _store.ReadDeadLettersAsync("d1", 1, default))[0], strict: true);
    }

    [Fact]
    public async Task The_oldest_dead_letters_go_and_their_counts_stay_even_when_they_come_again()
    {
        await using var store = await ReopenWith(o => o.MaxDeadLetters = 3);
        var commit = Commit(c => c.DeadLetters.AddRange(Enumerable.Range(0, 10).Select(i => Sample.Dead(i / 2, i % 2))));
        await store.CommitAsync(commit, default);
        await store.CommitAsync(commit, default);
        Assert.Equal([(4L, 1), (4, 0), (3, 1)], (await store.ReadDeadLettersAsync(null, 100, default)).Select(d => (d.Position, d.Ordinal)));
        await store.DisposeAsync();
        await using var again = await ReopenWith(o => o.MaxDeadLetters = 3);
        await again.CommitAsync(commit, default);
        Assert.Equal(10, Assert.Single(await again.ReadLedgerAsync(0, long.MaxValue, "d1", default)).Rejected[RejectReason.BadJson]);
        await again.CommitAsync(Commit(c => c.DeadLetters.Add(Sample.Dead(5))), default);
        Assert.Equal([5L, 4, 4], (await again.ReadDeadLettersAsync(null, 100, default)).Select(d => d.Position));
    }

    [Theory]
    [InlineData(17, 0, 0)]
    [InlineData(16, 0, 0)]
    [InlineData(12, 3, 5)]
    [InlineData(0, 0, 0)]
    public async Task Tiles_inside_a_larger_tile_are_found_and_no_others(int zoom, int x, int y)
    {
        var random = new Random(zoom);
        var side = 1 << (17 - zoom);
        var tiles = new List<CoverageTile> { Tile(0, 0), Tile(131_071, 131_071), Tile(x * side, y * side), Tile((x * side) + side - 1, (y * side) + side - 1) };
        for (var i = 0; i < 200; i++) tiles.Add(Tile(random.Next((x * side) + (2 * side)) & 131_071, random.Next((y * side) + (2 * side)) & 131_071));
        await _store.CommitAsync(Commit(c => c.Tiles.AddRange(tiles)), default);
        var expected = tiles.Select(t => t.Tile).Where(t => t.Parent(zoom) == new TileId(zoom, x, y)).Distinct().OrderBy(t => (t.X, t.Y));
        var read = await _store.ReadTilesAsync(new(zoom, x, y), "rsrp", null, T0, T0 + 1, default);
        Assert.Equal(expected, read.Select(t => t.Tile).OrderBy(t => (t.X, t.Y)));
    }

    [Fact]
    public async Task Tiles_are_chosen_by_operator_metric_and_day_and_replaced()
    {
        await _store.CommitAsync(
            Commit(c => c.Tiles.AddRange([Tile(1, 1), Tile(1, 1, plmn: "452-01"), Tile(1, 1, metric: "sinr"), Tile(1, 1, day: T0 + 86_400_000)])), default);
        var corrected = Tile(1, 1, samples: 9);
        await _store.CommitAsync(Commit(c => c.Tiles.Add(corrected)), default);
        var at = new TileId(17, 1, 1);
        Assert.Equal(3, (await _store.ReadTilesAsync(at, "rsrp", null, 0, long.MaxValue, default)).Count);
        Assert.Equal(2, (await _store.ReadTilesAsync(at, "rsrp", "452-04", 0, long.MaxValue, default)).Count);
        Assert.Empty(await _store.ReadTilesAsync(at, "rsrp", "452-99", 0, long.MaxValue, default));
        Assert.Single(await _store.ReadTilesAsync(at, "rsrp", "452-04", T0 + 1, T0 + 86_400_001, default));
        var loaded = await _store.LoadTileAsync("452-04", T0, at, "rsrp");
        Assert.Equal((9L, 77L, T0, "452-04", at), (loaded!.Histogram.Count, loaded.AppliedThrough, loaded.DayMs, loaded.Plmn, loaded.Tile));
        Assert.Null(await _store.LoadTileAsync("452-04", T0, at.Parent(16), "rsrp"));
        Assert.Equal(3, (await _store.ReadTilesAsync(new(19, 5, 6), "rsrp", null, 0, long.MaxValue, default)).Count); // inside base tile 17/1/1
    }

    [Fact]
    public async Task Readers_see_only_whole_commits_while_a_writer_is_busy()
    {
        const int Reads = 50;
        var seen = 0;
        var reading = Task.Run(async () =>
        {
            while (Volatile.Read(ref seen) < Reads)
            {
                var rows = await _store.ReadLedgerAsync(T0, T0 + 1, null, default);
                if (rows.Count == 0) continue;
                Assert.Equal(2, rows.Count);
                Assert.Equal(rows[0].Accepted, rows[1].Accepted);
                Interlocked.Increment(ref seen);
            }
        });
        while (!reading.IsCompleted) await _store.CommitAsync(Commit(c => c.Accepted.AddRange([new("d1", T0, 1), new("d2", T0, 1)])), default);
        await reading;
        Assert.Equal(Reads, seen);
    }

    [Fact]
    public async Task Concurrent_commits_are_all_stored()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => _store.CommitAsync(
            Commit(c =>
            {
                c.Windows.Add(Sample.Window(device: $"d{i}"));
                c.Accepted.Add(new("all", T0, 1));
            }),
            default)));
        Assert.Equal(40, Assert.Single(await _store.ReadLedgerAsync(0, long.MaxValue, "all", default)).Accepted);
        Assert.Equal(41, (await _store.ReadLedgerAsync(0, long.MaxValue, null, default)).Count);
    }

    [Fact]
    public async Task A_store_that_is_not_open_or_closed_says_so()
    {
        await using var store = new SqliteStore(_folder.Options());
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.CommitAsync(Commit(c => c.Windows.Add(Sample.Window())), default));
        await _store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _store.ListDevicesAsync(default));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _store.OpenAsync(default));
    }

    private static StoreCommit Commit(Action<StoreCommit> fill)
    {
        var commit = new StoreCommit();
        fill(commit);
        return commit;
    }

    private static CoverageTile Tile(int x, int y, string plmn = "452-04", string metric = "rsrp", long day = T0, int samples = 1)
    {
        var histogram = new GridHistogram();
        histogram.Add(3, samples);
        return new CoverageTile { Plmn = plmn, DayMs = day, Tile = new(17, x, y), Metric = metric, Histogram = histogram, AppliedThrough = 77 };
    }

    private static void AssertSame(DeviceWindow expected, DeviceWindow? actual)
    {
        Assert.NotNull(actual);
        Assert.Equivalent(expected, actual, strict: true);
        Assert.Equal(expected.Seen, actual.Seen);
        Assert.Equal(SeriesRow.From(0, expected.Aggregate), SeriesRow.From(0, actual.Aggregate));
    }

    private static void AssertSame(AreaWindow expected, AreaWindow? actual)
    {
        Assert.NotNull(actual);
        Assert.Equivalent(expected, actual, strict: true);
        Assert.Equal(SeriesRow.From(0, expected.Aggregate), SeriesRow.From(0, actual.Aggregate));
    }

    private Task Latest(long eventMs, double value) =>
        _store.CommitAsync(Commit(c => c.Latest.Add(("d1", new("air", "pm25", eventMs, value)))), default);

    private async Task<StoreMarks> Reopen()
    {
        await _store.DisposeAsync();
        _store = new SqliteStore(_folder.Options());
        return await _store.OpenAsync(default);
    }

    private async Task<SqliteStore> ReopenWith(Action<StorageOptions> change)
    {
        await _store.DisposeAsync();
        var options = _folder.Options();
        change(options);
        var store = new SqliteStore(options);
        await store.OpenAsync(default);
        return store;
    }
}
