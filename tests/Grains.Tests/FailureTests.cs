using System.Globalization;
using SmartCity.Contracts;
using SmartCity.Tests;

namespace SmartCity.Grains.Tests;

public sealed class FailureTests
{
    private const string Topic = "city/nam/sg/air/d1";

    [Fact]
    public async Task A_store_that_cannot_be_read_makes_messages_wait_and_loses_none()
    {
        using var rig = await CityRig.StartedAsync();
        await rig.PublishAsync(Topic, "{\"ts\":1764000000000,\"pm25\":1,\"temp\":30}");
        await rig.DrainAsync();
        await rig.RestartAsync();
        var away = true;
        rig.Store.DeviceLoadError = _ => Volatile.Read(ref away) ? FaultyStore.Away : null;
        await rig.PublishAsync(Topic, "{\"ts\":1764000000500,\"pm25\":2,\"temp\":31}"); // needs the latest values and two stored windows
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await TestGrainHost.WhenTimerWaitsAsync(rig.Clock);
            Assert.True(await rig.TickAsync()); // others go on
            if (attempt == 2) Volatile.Write(ref away, false);
            rig.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await rig.DrainAsync();
        Assert.Equal([2, 2], (await Task.WhenAll(new[] { "pm25", "temp" }.Select(m => rig.Store.ReadWindowsAsync("d1", m, 0, long.MaxValue, default))))
            .Select(w => (int)Assert.Single(w).Aggregate.Count));
        Assert.Empty(await rig.Store.ReadDeadLettersAsync(null, 10, default));
        Assert.Empty(await rig.ImbalancesAsync());
    }

    [Fact]
    public async Task A_stored_window_that_is_damaged_costs_its_own_readings_only_and_the_ledger_says_so()
    {
        using var rig = await CityRig.StartedAsync();
        await rig.PublishAsync(Topic, "{\"ts\":1764000000000,\"pm25\":1}");
        await rig.DrainAsync();
        rig.Store.DeviceLoadError = metric => metric == "pm25" ? new InvalidDataException("the sketch is damaged") : null;
        // One reading goes into a new window, the other into the damaged one.
        await rig.PublishAsync(Topic, "{\"ts\":1764000000500,\"temp\":31,\"pm25\":2}");
        await rig.SettleAsync();
        Assert.Empty(await rig.ImbalancesAsync());
        await rig.DrainAsync();
        var letter = Assert.Single(await rig.Store.ReadDeadLettersAsync(null, 10, default));
        Assert.Equal((RejectReason.InternalError, 1, "d1"), (letter.Reason, letter.Readings, letter.DeviceId));
        Assert.Contains("'pm25'", letter.Detail, StringComparison.Ordinal);
        Assert.Equal(31, Assert.Single(await rig.Store.ReadWindowsAsync("d1", "temp", 0, long.MaxValue, default)).Aggregate.Mean);
        Assert.Empty(await rig.ImbalancesAsync());
    }

    [Fact]
    public async Task A_failed_commit_is_repeated_whole_and_nothing_of_it_is_seen_before()
    {
        using var rig = await CityRig.StartedAsync();
        await rig.PublishAsync(Topic, CityRig.T0, 10);
        await rig.SettleAsync();
        var fails = true;
        rig.Store.FailsCommit = () => fails;
        Assert.False(await rig.TickAsync(afterSeconds: 75));
        Assert.True(rig.Closer.HasUnfinishedCommit);
        Assert.Equal(1, (await rig.Grains.GetGrain<IDeviceGrain>("d1").GetSnapshot()).Buffered); // no commit holds it
        await rig.PublishAsync(Topic, CityRig.T0 + 1, 20);
        await rig.SettleAsync();
        for (var i = 0; i < 5; i++) Assert.False(await rig.TickAsync(afterSeconds: 10));
        Assert.Equal(2, (await rig.Grains.GetGrain<IDeviceGrain>("d1").GetSnapshot()).Buffered);
        fails = false;
        await rig.DrainAsync();
        foreach (var area in new[] { "sg", "nam", "vn" })
            Assert.Equal(2, Assert.Single(await rig.Store.ReadAreaWindowsAsync(area, "air", "pm25", 0, long.MaxValue, default)).Aggregate.Count);
        Assert.Empty(await rig.ImbalancesAsync());
    }

    [Fact]
    public async Task Areas_that_cannot_be_loaded_hold_the_commit_back_and_count_everything_once()
    {
        using var rig = await CityRig.StartedAsync();
        var loads = 0;
        rig.Store.FailsAreaLoad = () => Interlocked.Increment(ref loads) % 2 == 1; // every level fails once
        for (var i = 0; i < 20; i++)
        {
            await rig.PublishAsync(i % 2 == 0 ? Topic : "city/bac/hn/air/d2", CityRig.T0 + (i * 60_000), i);
            await rig.SettleAsync();
            await rig.TickAsync(afterSeconds: 60);
            // Emitted into a commit that could not be taken yet, it is still buffered; so the ledger balances in between.
            Assert.Empty(await rig.ImbalancesAsync());
        }

        await rig.DrainAsync();
        Assert.True(loads > 40);
        Assert.Equal(20, (await rig.Store.ReadAreaWindowsAsync("vn", "air", "pm25", 0, long.MaxValue, default)).Sum(w => w.Aggregate.Count));
        Assert.Empty(await rig.ImbalancesAsync());
    }

    [Fact]
    public async Task A_window_handed_over_twice_before_its_commit_is_buffered_wholly_until_then()
    {
        using var rig = await CityRig.StartedAsync();
        rig.Store.FailsAreaLoad = () => true;
        for (var i = 1; i <= 3; i++)
        {
            await rig.PublishAsync(Topic, CityRig.T0 + i, i);
            await rig.SettleAsync();
            Assert.False(await rig.TickAsync(afterSeconds: 75)); // handed over, but the areas are not ready and the commit is not taken
            Assert.Equal(i, (await rig.Grains.GetGrain<IDeviceGrain>("d1").GetSnapshot()).Buffered);
            Assert.Empty(await rig.ImbalancesAsync());
        }

        rig.Store.FailsAreaLoad = () => false;
        await rig.DrainAsync();
        Assert.Equal(3, Assert.Single(await rig.Store.ReadAreaWindowsAsync("vn", "air", "pm25", 0, long.MaxValue, default)).Aggregate.Count);
        Assert.Empty(await rig.ImbalancesAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_device_has_as_many_metrics_as_it_may_before_and_after_a_restart(bool restart)
    {
        using var rig = await CityRig.StartedAsync(r => r.Window.MaxMetricsPerDevice = 5);
        await rig.PublishAsync(Topic, "{\"ts\":1764000000000,\"a\":1,\"b\":2,\"c\":3}");
        await rig.DrainAsync();
        if (restart) await rig.RestartAsync();
        await rig.PublishAsync(Topic, "{\"ts\":1764000001000,\"a\":1,\"b\":2,\"c\":3,\"d\":4}");
        await rig.PublishAsync("city/bac/hn/air/d1", "{\"ts\":1764000002000,\"a\":1,\"b\":2,\"c\":3,\"e\":5,\"f\":6}"); // moved: the same metrics count once
        await rig.PublishAsync(Topic, "{\"ts\":1764000003000,\"e\":5,\"g\":7}");
        await rig.SettleAsync();
        Assert.Empty(await rig.ImbalancesAsync());
        await rig.DrainAsync();
        var letters = await rig.Store.ReadDeadLettersAsync("d1", 10, default);
        Assert.Equal(["g", "f"], letters.Select(l => System.Text.Encoding.UTF8.GetString(l.Payload)));
        Assert.All(letters, l => Assert.Contains("Window:MaxMetricsPerDevice", l.Detail, StringComparison.Ordinal));
        foreach (var (metric, count) in new[] { ("a", 3), ("d", 1), ("e", 2), ("f", 0) })
            Assert.Equal(count, (await rig.Store.ReadWindowsAsync("d1", metric, 0, long.MaxValue, default)).Sum(w => w.Aggregate.Count));
        Assert.Empty(await rig.ImbalancesAsync());
    }

    [Fact]
    public async Task Readings_refused_by_a_grain_are_counted_in_the_hour_of_their_event()
    {
        using var rig = await CityRig.StartedAsync(r => r.Window.MaxMetricsPerDevice = 1);
        await rig.PublishAsync(Topic, string.Create(CultureInfo.InvariantCulture, $"{{\"ts\":{CityRig.T0 - 7_200_000},\"a\":1,\"b\":2}}"));
        await rig.SettleAsync();
        Assert.Empty(await rig.ImbalancesAsync());
        await rig.DrainAsync();
        Assert.Empty(await rig.ImbalancesAsync());
        var row = Assert.Single(await rig.Store.ReadLedgerAsync(0, long.MaxValue, "d1", default));
        Assert.Equal((2, 1, 1), (row.Accepted, row.LateCorrected, row.Rejected[RejectReason.BadMetric]));
    }

    [Fact]
    public async Task A_far_future_time_is_refused_and_closes_no_window()
    {
        using var rig = await CityRig.StartedAsync();
        await rig.PublishAsync("city/nam/sg/air/honest", CityRig.T0, 10);
        await rig.PublishAsync("city/nam/sg/air/liar", CityRig.T0 + 86_400_000, 10);
        await rig.SettleAsync();
        await rig.TickAsync(afterSeconds: 1);
        Assert.Empty(await rig.Store.ReadWindowsAsync("honest", "pm25", 0, long.MaxValue, default));
        Assert.Equal(RejectReason.FutureTimestamp, Assert.Single(await rig.Store.ReadDeadLettersAsync("liar", 10, default)).Reason);
    }

    [Fact]
    public async Task The_last_tick_of_a_clean_stop_leaves_only_open_windows_to_replay()
    {
        using var rig = await CityRig.StartedAsync();
        for (var i = 0; i < 50; i++) await rig.PublishAsync(Topic, CityRig.T0 + i, i);
        await rig.DrainAsync();
        await rig.PublishAsync(Topic, rig.Clock.NowMs, 1);
        await rig.SettleAsync();
        await rig.Closer.StopAsync(default);
        await rig.RestartAsync();
        await rig.SettleAsync();
        Assert.Equal(1, (await rig.Grains.GetGrain<IDeviceGrain>("d1").GetSnapshot()).Buffered);
    }
}
