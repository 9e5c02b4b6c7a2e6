using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>What is too old is deleted; what was rolled up from it stays, and so does what the ledger says.</summary>
public sealed class SqliteRetentionTests : SqliteStoreTest
{
    private const long Minute = 60_000;
    private const long Day = 24 * Hour;
    private static readonly IReadOnlySet<long> s_nothingOpen = new HashSet<long>();

    [Fact]
    public async Task Old_windows_are_deleted_and_their_days_stay()
    {
        await using var store = await ReopenWith(o => o.Retention = new() { WindowDays = 10, QuarterDays = 20, HourDays = 30 });
        await store.WriteAsync([Window(T0, 1), Window(T0 + (20 * Day), 2)], [Sample.Area(startMs: T0)], default);
        var ledger = await store.ReadLedgerAsync(0, long.MaxValue, null, default);
        var now = T0 + (20 * Day) + Hour;

        Assert.Equal(0, await store.DeleteOldAsync(now, default)); // not before it is in the days
        await store.RollUpAsync(now + Day, default);
        Assert.Equal(2, await store.DeleteOldAsync(now, default)); // a device's and an area's
        Assert.Equal([T0 + (20 * Day)], (await store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue / 2, default)).Select(w => w.StartMs));
        Assert.Equal([1L, 1], (await store.ReadRolledAsync("d1", "pm25", 0, long.MaxValue / 2, TimeTier.Day, s_nothingOpen, default)).Select(r => r.Aggregate.Count));
        Assert.Equal([1L, 1], (await store.ReadRolledAsync("d1", "pm25", 0, long.MaxValue / 2, TimeTier.Quarter, s_nothingOpen, default)).Select(r => r.Aggregate.Count));
        Assert.Equivalent(ledger, await store.ReadLedgerAsync(0, long.MaxValue, null, default));

        Assert.Equal(2, await store.DeleteOldAsync(T0 + (26 * Day), default)); // 15 minutes
        Assert.Equal(3, await store.DeleteOldAsync(T0 + (36 * Day), default)); // hours of both, and the second window
        Assert.Equal([1L, 1], (await store.ReadRolledAsync("d1", "pm25", 0, long.MaxValue / 2, TimeTier.Day, s_nothingOpen, default)).Select(r => r.Aggregate.Count));
        Assert.Equal(0, await store.DeleteOldAsync(T0 + (36 * Day), default));
    }

    [Fact]
    public async Task A_start_that_was_deleted_can_be_written_again()
    {
        await using var store = await ReopenWith(o => o.Retention = new() { WindowDays = 2 });
        await store.WriteAsync([Window(T0, 1)], [], default);
        await store.RollUpAsync(T0 + (10 * Day), default);
        Assert.Equal(1, await store.DeleteOldAsync(T0 + (10 * Day), default));
        await store.WriteAsync([Window(T0 + (9 * Day), 2), Window(T0, 3)], [], default);
        Assert.Equal([(T0, 3.0), (T0 + (9 * Day), 2.0)], (await store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue / 2, default)).Select(w => (w.StartMs, w.Aggregate.Sum)));
    }

    [Fact]
    public async Task A_window_that_is_written_after_its_start_was_deleted_is_rolled_up_again_and_deleted_again()
    {
        await using var store = await ReopenWith(o => o.Retention = new() { WindowDays = 2 });
        for (var i = 1; i <= 3; i++)
        {
            await store.WriteAsync([Window(T0, [.. Enumerable.Repeat(1.0, i)])], [], default);
            await store.RollUpAsync(T0 + (10 * Day), default);
            var day = Assert.Single(await store.ReadRolledAsync("d1", "pm25", 0, long.MaxValue / 2, TimeTier.Day, s_nothingOpen, default));
            Assert.Equal((null, i), (day.Taken, day.Aggregate.Count));
            Assert.Equal(1, await store.DeleteOldAsync(T0 + (10 * Day), default));
        }
    }

    [Fact]
    public async Task A_correction_reaches_the_day_before_its_window_is_deleted()
    {
        await using var store = await ReopenWith(o => o.Retention = new() { WindowDays = 2, QuarterDays = 2 });
        await store.WriteAsync([Window(T0, 1)], [], default);
        await store.RollUpAsync(T0 + (10 * Day), default);
        await store.WriteAsync([Window(T0, 1, 16)], [], default);
        Assert.Equal(0, await store.DeleteOldAsync(T0 + (10 * Day), default)); // its day does not have it yet
        await store.RollUpAsync(T0 + (10 * Day), default);
        Assert.Equal(2, await store.DeleteOldAsync(T0 + (10 * Day), default)); // the window and its 15 minutes
        Assert.Equal(17, Assert.Single(await store.ReadRolledAsync("d1", "pm25", 0, long.MaxValue / 2, TimeTier.Day, s_nothingOpen, default)).Aggregate.Sum);
    }

    [Fact]
    public async Task Windows_inside_the_retention_stay_to_the_minute()
    {
        await using var store = await ReopenWith(o => o.Retention = new() { WindowDays = 2, LedgerDays = 2 });
        var starts = Enumerable.Range(0, 12 * 24).Select(h => T0 + (h * Hour)).ToList();
        await store.WriteAsync([.. starts.Select(s => Window(s, 1))], [], default);
        var now = starts[^1] + Minute;
        await store.RollUpAsync(now + Day, default);
        Assert.True(await store.DeleteOldAsync(now, default) > 0);
        var left = (await store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue / 2, default)).Select(w => w.StartMs).ToList();
        Assert.Equal(starts.Where(s => s >= TimeTier.Day.StartOf(now - (5 * Day))), left);
        Assert.Equal(starts.Where(s => s >= TimeTier.Day.StartOf(now - (6 * Day))), (await store.ReadLedgerAsync(0, long.MaxValue, null, default)).Select(r => r.HourMs));
    }

    [Theory]
    [InlineData(1, 0, 0, 0, "Retention:WindowDays is 1; it must be 0 (for ever) or 2 to 36500 days.")]
    [InlineData(-5, 0, 0, 0, "Retention:WindowDays is -5; it must be 0 (for ever) or 2 to 36500 days.")]
    [InlineData(30, 20, 0, 0, "Retention:QuarterDays is 20 and Retention:WindowDays is 30; what is summed up must be kept at least as long as what it sums up.")]
    [InlineData(0, 20, 0, 0, "Retention:QuarterDays is 20 and Retention:WindowDays is 0 (for ever); what is summed up must be kept at least as long as what it sums up.")]
    [InlineData(30, 40, 50, 20, "Retention:LedgerDays is 20 and Retention:WindowDays is 30; the ledger must be kept at least as long as the windows that it counts.")]
    [InlineData(30, 40, 50, 60, null)]
    [InlineData(0, 0, 0, 0, null)]
    public void Options_that_contradict_each_other_are_refused(int windows, int quarters, int hours, int ledger, string? message) => Assert.Equal(
        message, new RetentionOptions { WindowDays = windows, QuarterDays = quarters, HourDays = hours, LedgerDays = ledger }.Validate());

    private static DeviceWindow Window(long startMs, params double[] values) => Sample.Window(startMs: startMs, values: values);
}
