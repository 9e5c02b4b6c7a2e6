using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>The ledger, dead letters and what replay does to them.</summary>
public sealed class SqliteLedgerTests : SqliteStoreTest
{
    [Fact]
    public async Task The_ledger_sums_windows_by_the_hour_of_their_start()
    {
        await Store.CommitAsync(
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
        var rows = await Store.ReadLedgerAsync(T0, T0 + (2 * Hour), null, default);
        Assert.Equal([("d1", T0), ("d2", T0), ("d3", T0), ("d4", T0), ("d1", T0 + Hour)], rows.Select(r => (r.DeviceId, r.HourMs)));
        Assert.Equal((8, 5, 2, 1), (rows[0].Accepted, rows[0].Stored, rows[0].Duplicate, rows[0].LateCorrected));
        Assert.Equal(new Dictionary<string, long> { [RejectReason.BadJson] = 1, [RejectReason.OutOfRange] = 3 }, rows[0].Rejected);
        Assert.Equal((0, 1, 7, 0), (rows[4].Accepted, rows[4].Stored, rows[4].Duplicate, rows[4].LateCorrected));
        Assert.Equal(1, rows[3].Rejected[RejectReason.BadJson]);

        var one = await Store.ReadLedgerAsync(T0, T0 + (2 * Hour), "d1", default);
        Assert.Equal([T0, T0 + Hour], one.Select(r => r.HourMs));
        Assert.Equivalent(rows[0], one[0], strict: true);
        Assert.Equal(T0 + Hour, Assert.Single(await Store.ReadLedgerAsync(T0 + 1, T0 + Hour + 1, "d1", default)).HourMs);
        Assert.Equal("d4", Assert.Single(await Store.ReadLedgerAsync(long.MinValue, long.MaxValue, "d4", default)).DeviceId);
        Assert.Empty(await Store.ReadLedgerAsync(T0, T0, null, default));
        Assert.Empty(await Store.ReadLedgerAsync(T0, T0 + Hour, "nobody", default));
    }

    [Fact]
    public async Task A_corrected_window_changes_the_ledger_by_the_difference()
    {
        await Store.CommitAsync(Commit(c => c.Windows.Add(Sample.Window(values: [1, 2, 3], duplicates: 1))), default);
        await Reopen(); // names and starts are not cached then
        await Store.CommitAsync(Commit(c => c.Windows.Add(Sample.Window(values: [1, 2, 3, 4, 5], late: 2, duplicates: 3, revision: 2))), default);
        var row = Assert.Single(await Store.ReadLedgerAsync(T0, T0 + 1, "d1", default));
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

            await Store.CommitAsync(commit, default);
            if (round % 10 == 0) await Reopen();
        }

        foreach (var window in windows.Values)
        {
            var key = (window.DeviceId, window.StartMs - (window.StartMs % Hour));
            var (stored, late, duplicate) = expected.GetValueOrDefault(key);
            expected[key] = (stored + window.Aggregate.Count - window.Late, late + window.Late, duplicate + window.Duplicates);
        }

        var rows = await Store.ReadLedgerAsync(0, long.MaxValue, null, default);
        Assert.Equal(expected, rows.ToDictionary(r => (r.DeviceId, r.HourMs), r => (r.Stored, r.LateCorrected, r.Duplicate)));
    }

    [Fact]
    public async Task Hours_before_1970_are_floored_too()
    {
        await Store.CommitAsync(Commit(c => c.Accepted.Add(new("d1", -1, 1))), default);
        Assert.Equal(-Hour, Assert.Single(await Store.ReadLedgerAsync(-Hour, 0, null, default)).HourMs);
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
        await Store.CommitAsync(commit, default);
        var before = await Store.ReadLedgerAsync(T0, T0 + 1, "d1", default);
        await Store.CommitAsync(commit, default);
        var after = await Store.ReadLedgerAsync(T0, T0 + 1, "d1", default);
        Assert.Equivalent(before[0] with { Accepted = 26 }, after[0], strict: true);
        Assert.Equal(7, after[0].Rejected[RejectReason.BadJson]);
        Assert.Equal(3, (await Store.ReadDeadLettersAsync(null, 100, default)).Count);
        Assert.Single(await Store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue, default));
        Assert.Single(await Store.ReadTilesAsync(new(0, 0, 0), "rsrp", null, 0, long.MaxValue, default));
        Assert.Single(await Store.ListDevicesAsync(default));
    }

    [Fact]
    public async Task Dead_letters_come_newest_first_of_one_device_or_all()
    {
        var letter = Sample.Dead(3, 1, readings: 2);
        await Store.CommitAsync(Commit(c => c.DeadLetters.AddRange([Sample.Dead(2), letter, Sample.Dead(3), Sample.Dead(1, device: "d2"), Sample.Dead(9, device: "")])), default);
        Assert.Equal([(9L, 0), (3, 1), (3, 0), (2, 0), (1, 0)], (await Store.ReadDeadLettersAsync(null, 10, default)).Select(d => (d.Position, d.Ordinal)));
        Assert.Equal([(3L, 1), (3, 0)], (await Store.ReadDeadLettersAsync("d1", 2, default)).Select(d => (d.Position, d.Ordinal)));
        Assert.Single(await Store.ReadDeadLettersAsync("", 10, default));
        Assert.Empty(await Store.ReadDeadLettersAsync(null, 0, default));
        Assert.Equivalent(letter, (await Store.ReadDeadLettersAsync("d1", 1, default))[0], strict: true);
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
}
