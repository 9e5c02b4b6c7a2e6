using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>Windows, areas, latest values, devices and marks.</summary>
public sealed class SqliteStoreTests : SqliteStoreTest
{
    [Fact]
    public async Task A_newStore_has_never_seen_a_record()
    {
        Assert.Equal(new StoreMarks(-1, -1), await Store.OpenAsync(default));
        Assert.Empty(await Store.ListDevicesAsync(default));
        Assert.Empty(await Store.LoadLatestAsync("d1"));
        Assert.Null(await Store.LoadWindowAsync(new("d1", Sample.Air, "pm25", T0)));
        Assert.Null(await Store.LoadAreaWindowAsync("hn", "air", "pm25", T0));
        Assert.Null(await Store.LoadTileAsync("452-04", T0, new(17, 1, 1), "rsrp"));
        Assert.Empty(await Store.ReadLedgerAsync(0, long.MaxValue, null, default));
        Assert.Empty(await Store.ReadDeadLettersAsync(null, 10, default));
    }

    [Fact]
    public async Task Marks_survive_reopening_and_null_leaves_them()
    {
        await Store.CommitAsync(new StoreCommit { Checkpoint = 41, AcceptedThrough = 50 }, default);
        await Store.CommitAsync(new StoreCommit { Checkpoint = 42 }, default);
        await Store.CommitAsync(new StoreCommit { AcceptedThrough = 51 }, default);
        await Store.CommitAsync(Commit(c => c.Windows.Add(Sample.Window())), default);
        Assert.Equal(new StoreMarks(42, 51), await Reopen());
    }

    [Fact]
    public async Task A_window_comes_back_with_its_full_state()
    {
        var window = Sample.Window(late: 1, duplicates: 4, appliedThrough: long.MaxValue, revision: 3, seen: [9, 8, 7]);
        await Store.CommitAsync(Commit(c => c.Windows.Add(window)), default);
        await Reopen();
        var read = await Store.LoadWindowAsync(new("d1", Sample.Air, "pm25", T0));
        AssertSame(window, read);
        Assert.Null(await Store.LoadWindowAsync(new("d1", Sample.Air, "pm25", T0 + 60_000)));
        Assert.Null(await Store.LoadWindowAsync(new("d1", Sample.Air with { Unit = "hp" }, "pm25", T0)));
        Assert.Null(await Store.LoadWindowAsync(new("d1", Sample.Air, "pm10", T0)));
        Assert.Null(await Store.LoadWindowAsync(new("d2", Sample.Air, "pm25", T0)));
    }

    [Fact]
    public async Task Writing_a_window_again_replaces_it_and_the_last_of_one_commit_wins()
    {
        await Store.CommitAsync(Commit(c => c.Windows.Add(Sample.Window(values: [1]))), default);
        var second = Sample.Window(values: [1, 2], revision: 2);
        var third = Sample.Window(values: [1, 2, 3], revision: 3, seen: []);
        await Store.CommitAsync(Commit(c => c.Windows.AddRange([second, third])), default);
        AssertSame(third, Assert.Single(await Store.ReadWindowsAsync("d1", "pm25", T0, T0 + 1, default)));
        var ledger = Assert.Single(await Store.ReadLedgerAsync(T0, T0 + 1, null, default));
        Assert.Equal(3, ledger.Stored);
    }

    [Fact]
    public async Task Windows_are_read_by_start_with_every_stream_of_a_device_that_moved()
    {
        var moved = new StreamName("nam", "sg", "air");
        await Store.CommitAsync(
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
        await Store.CommitAsync(Commit(c => c.Windows.Add(Sample.Window(startMs: T0 - 60_000))), default); // late: a start before those known
        var rows = await Store.ReadWindowsAsync("d1", "pm25", T0 - 60_000, T0 + 120_000, default);
        Assert.Equal([T0 - 60_000, T0, T0 + 60_000, T0 + 60_000], rows.Select(r => r.StartMs));
        Assert.Equal([Sample.Air, moved], rows.Skip(2).Select(r => r.Stream).OrderBy(s => s.Region));
        Assert.Equal(5, (await Store.ReadWindowsAsync("d1", "pm25", long.MinValue, long.MaxValue, default)).Count);
    }

    [Fact]
    public async Task Area_windows_come_back_and_are_replaced()
    {
        var first = Sample.Area(values: [1, 2]);
        var other = Sample.Area(startMs: T0 + 60_000);
        await Store.WriteAsync([], [other, first, Sample.Area(area: "hp"), Sample.Area(kind: "noise"), Sample.Area(metric: "pm10")], default);
        AssertSame(first, await Store.LoadAreaWindowAsync("hn", "air", "pm25", T0));
        var corrected = Sample.Area(values: [1, 2, 3]);
        await Store.WriteAsync([], [corrected], default);
        var rows = await Store.ReadAreaWindowsAsync("hn", "air", "pm25", T0, T0 + 60_001, default);
        Assert.Equal(2, rows.Count);
        AssertSame(corrected, rows[0]);
        AssertSame(other, rows[1]);
        Assert.Null(await Store.LoadAreaWindowAsync("hn", "air", "pm25", long.MaxValue));
    }

    [Fact]
    public async Task The_latest_value_is_the_last_measured_and_of_two_at_one_instant_the_last_written()
    {
        await Latest(T0, 1);
        await Latest(T0 - 1, 2);
        Assert.Equal(1, Assert.Single(await Store.LoadLatestAsync("d1")).Value);
        await Latest(T0, 3);
        Assert.Equal(3, Assert.Single(await Store.LoadLatestAsync("d1")).Value);
        await Latest(T0 + 1, 4);
        await Store.CommitAsync(
            Commit(c =>
            {
                c.Latest.Add(("d1", new("air", "temp", T0, 31)));
                c.Latest.Add(("d1", new("noise", "pm25", T0, 60)));
                c.Latest.Add(("d2", new("air", "pm25", T0, 9)));
            }),
            default);
        Assert.Equal(
            [new("air", "pm25", T0 + 1, 4), new("air", "temp", T0, 31), new LatestValue("noise", "pm25", T0, 60)], await Store.LoadLatestAsync("d1"));
    }

    [Fact]
    public async Task Devices_are_replaced_and_a_place_that_was_never_said_stays_unknown()
    {
        var first = new DeviceRecord { Id = "b", Stream = Sample.Air, RegisteredMs = 5, LastSeenMs = 6 };
        var second = new DeviceRecord { Id = "a:1._-Z", Stream = Sample.Air, RegisteredMs = 7, LastSeenMs = 8, Latitude = 21.03, Longitude = 105.85 };
        await Store.CommitAsync(Commit(c => c.Devices.AddRange([first, second])), default);
        var moved = first with { Stream = new("nam", "sg", "air"), LastSeenMs = 99 };
        await Store.CommitAsync(Commit(c => c.Devices.Add(moved)), default);
        Assert.Equal([second, moved], await Store.ListDevicesAsync(default));
        Assert.True(double.IsNaN((await Store.ListDevicesAsync(default))[1].Latitude));
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
                var rows = await Store.ReadLedgerAsync(T0, T0 + 1, null, default);
                if (rows.Count == 0) continue;
                Assert.Equal(2, rows.Count);
                Assert.Equal(rows[0].Accepted, rows[1].Accepted);
                Interlocked.Increment(ref seen);
            }
        });
        while (!reading.IsCompleted) await Store.CommitAsync(Commit(c => c.Accepted.AddRange([new("d1", T0, 1), new("d2", T0, 1)])), default);
        await reading;
        Assert.Equal(Reads, seen);
    }

    [Fact]
    public async Task Concurrent_commits_are_allStored()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Store.CommitAsync(
            Commit(c =>
            {
                c.Windows.Add(Sample.Window(device: $"d{i}"));
                c.Accepted.Add(new("all", T0, 1));
            }),
            default)));
        Assert.Equal(40, Assert.Single(await Store.ReadLedgerAsync(0, long.MaxValue, "all", default)).Accepted);
        Assert.Equal(41, (await Store.ReadLedgerAsync(0, long.MaxValue, null, default)).Count);
    }

    [Fact]
    public async Task AStore_that_is_not_open_or_closed_says_so()
    {
        await using var store = new SqliteStore(Folder.Options());
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.CommitAsync(Commit(c => c.Windows.Add(Sample.Window())), default));
        await Store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.ListDevicesAsync(default));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.OpenAsync(default));
    }
}
