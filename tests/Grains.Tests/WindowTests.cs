using SmartCity.Contracts;
using SmartCity.Tests;

namespace SmartCity.Grains.Tests;

public sealed class WindowTests : IAsyncLifetime
{
    private const string Topic = "city/nam/sg/air/d1";
    private CityRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await CityRig.StartedAsync();

    public ValueTask DisposeAsync()
    {
        _rig.Dispose();
        return default;
    }

    [Fact]
    public async Task A_window_is_stored_after_its_end_the_grace_and_its_share_of_the_spread_and_not_before()
    {
        await _rig.PublishAsync(Topic, CityRig.T0 + 500, 12.5);
        await _rig.SettleAsync();
        var second = 0;
        while (second < 62)
        {
            Assert.True(await _rig.TickAsync(afterSeconds: 1));
            second++;
            Assert.Empty(await WindowsAsync());
        }

        while (second < 62 + 8 + 1)
        {
            Assert.True(await _rig.TickAsync(afterSeconds: 1));
            second++;
        }

        var window = Assert.Single(await WindowsAsync());
        Assert.Equal((1, 12.5, 1, 0L), (window.Aggregate.Count, window.Aggregate.Mean, window.Revision, window.Late));
    }

    [Fact]
    public async Task A_clock_that_is_put_right_does_not_hold_up_what_was_measured_while_it_was_ahead()
    {
        _rig.Clock.Advance(TimeSpan.FromDays(3));
        await _rig.PublishAsync(Topic, CityRig.T0 + 500, 12.5);
        await _rig.SettleAsync();
        _rig.Clock.Advance(TimeSpan.FromDays(-3) + TimeSpan.FromMinutes(10));
        Assert.True(await _rig.TickAsync());
        Assert.Single(await WindowsAsync());

        // Windows that have not ended wait for their end as ever.
        await _rig.PublishAsync(Topic, _rig.Clock.NowMs, 13);
        await _rig.SettleAsync();
        Assert.True(await _rig.TickAsync(afterSeconds: 5));
        Assert.Single(await WindowsAsync());
        await _rig.DrainAsync();
        Assert.Equal(2, (await WindowsAsync()).Count);
    }

    [Fact]
    public async Task What_comes_between_a_step_of_the_clock_and_the_closing_of_windows_lets_no_position_go()
    {
        _rig.Clock.Advance(TimeSpan.FromDays(3));
        await _rig.PublishAsync(Topic, CityRig.T0 + 500, 12.5);
        await _rig.SettleAsync();
        _rig.Clock.Advance(TimeSpan.FromDays(-3) + TimeSpan.FromMinutes(10));
        var due = _rig.Schedule.TakeDue(_rig.Clock.NowMs, 1000);
        await _rig.PublishAsync(Topic, CityRig.T0 + 60_500, 13);
        await _rig.SettleAsync();
        await due!.CloseAsync(_rig.Clock.NowMs, _rig.Schedule, e => Assert.Fail(e.Message));

        // The commit's checkpoint must not lie behind a window that it does not have.
        Assert.True(await _rig.TickAsync());
        await _rig.RestartAsync();
        await _rig.DrainAsync();
        Assert.Equal([12.5, 13], (await WindowsAsync()).Select(w => w.Aggregate.Mean).Order());
    }

    [Fact]
    public async Task The_latest_value_is_the_last_measured_not_the_last_received()
    {
        await _rig.PublishAsync(Topic, CityRig.T0 + 30_000, 30);
        await _rig.PublishAsync(Topic, CityRig.T0 + 10_000, 10);
        await _rig.PublishAsync(Topic, CityRig.T0 - 3_600_000, 1);
        await _rig.SettleAsync();
        Assert.Equal(30, Assert.Single((await Grain.GetSnapshot()).Latest).Value);
        await _rig.DrainAsync();
        Assert.Equal(30, Assert.Single(await _rig.Store.LoadLatestAsync("d1")).Value);
        await _rig.RestartAsync();
        await _rig.PublishAsync(Topic, CityRig.T0 + 20_000, 20);
        await _rig.SettleAsync();
        Assert.Equal(30, Assert.Single((await Grain.GetSnapshot()).Latest).Value);
        Assert.Equal(3 + 1, (await WindowsAsync()).Sum(w => w.Aggregate.Count) + (await Grain.GetSnapshot()).Buffered);
    }

    [Fact]
    public async Task Order_within_a_window_changes_nothing_but_the_sum_of_arrivals()
    {
        foreach (var second in new[] { 40, 10, 59, 0, 30 }) await _rig.PublishAsync(Topic, CityRig.T0 + (second * 1000), second);
        await _rig.DrainAsync();
        var window = Assert.Single(await WindowsAsync());
        var a = window.Aggregate;
        Assert.Equal((5L, 0.0, 59.0, 0.0, 59.0, 139.0), (a.Count, a.Min, a.Max, a.First, a.Last, a.Sum));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_late_reading_corrects_the_stored_window_and_every_area_above_it(bool restart)
    {
        await _rig.PublishAsync(Topic, CityRig.T0, 10);
        await _rig.PublishAsync("city/nam/bd/air/d2", CityRig.T0, 20);
        await _rig.PublishAsync("city/bac/hn/air/d3", CityRig.T0, 60);
        await _rig.DrainAsync();
        await AssertAreasAsync(("sg", 1, 10), ("bd", 1, 20), ("hn", 1, 60), ("nam", 2, 30), ("bac", 1, 60), ("vn", 3, 90));
        if (restart) await _rig.RestartAsync();
        await _rig.PublishAsync(Topic, CityRig.T0 + 1000, 40); // long after lateness has passed
        await _rig.SettleAsync();
        Assert.Equal(1, (await Grain.GetSnapshot()).Buffered);
        await _rig.DrainAsync();
        var window = Assert.Single(await WindowsAsync());
        Assert.Equal((2, 50.0, 1L, 2), (window.Aggregate.Count, window.Aggregate.Sum, window.Late, window.Revision));
        await AssertAreasAsync(("sg", 2, 50), ("bd", 1, 20), ("hn", 1, 60), ("nam", 3, 70), ("bac", 1, 60), ("vn", 4, 130));
        Assert.Empty(await _rig.ImbalancesAsync());
        Assert.Equal(1, (await _rig.Store.ReadLedgerAsync(0, long.MaxValue, "d1", default)).Sum(r => r.LateCorrected));
    }

    [Fact]
    public async Task A_reading_within_the_lateness_corrects_without_being_late()
    {
        await _rig.PublishAsync(Topic, CityRig.T0, 10);
        await _rig.SettleAsync();
        Assert.True(await _rig.TickAsync(afterSeconds: 75)); // stored
        Assert.Single(await WindowsAsync());
        await _rig.PublishAsync(Topic, CityRig.T0 + 1, 20);
        await _rig.DrainAsync();
        var window = Assert.Single(await WindowsAsync());
        Assert.Equal((2L, 0L, 2), (window.Aggregate.Count, window.Late, window.Revision));
    }

    [Theory]
    [InlineData(0)] // resent while the window is open
    [InlineData(75)] // resent when it is stored and in memory
    [InlineData(600)] // resent when it has left the memory
    public async Task A_resent_reading_counts_once_whenever_it_comes(double afterSeconds)
    {
        await _rig.PublishAsync(Topic, CityRig.T0 + 5, 10, seq: 7);
        await _rig.SettleAsync();
        if (afterSeconds > 0) await _rig.TickAsync(afterSeconds);
        await _rig.PublishAsync(Topic, CityRig.T0 + 5, 10, seq: 7);
        await _rig.PublishAsync(Topic, CityRig.T0 + 5, 11, seq: 8);
        await _rig.DrainAsync();
        var window = Assert.Single(await WindowsAsync());
        Assert.Equal((2L, 1L, 21.0), (window.Aggregate.Count, window.Duplicates, window.Aggregate.Sum));
        await AssertAreasAsync(("sg", 2, 21), ("nam", 2, 21), ("vn", 2, 21));
        Assert.Empty(await _rig.ImbalancesAsync());
        Assert.Equal(1, (await _rig.Store.ReadLedgerAsync(0, long.MaxValue, "d1", default)).Sum(r => r.Duplicate));
    }

    [Fact]
    public async Task Messages_without_a_time_and_a_number_are_all_counted()
    {
        for (var i = 0; i < 3; i++) await _rig.PublishAsync(Topic, "{\"pm25\":5}");
        await _rig.DrainAsync();
        Assert.Equal(3, Assert.Single(await WindowsAsync()).Aggregate.Count);
    }

    [Fact]
    public async Task Many_readings_of_one_window_are_one_row_with_the_same_statistics()
    {
        var expected = new WindowAggregate();
        for (var i = 0; i < 200; i++)
        {
            await _rig.PublishAsync(Topic, CityRig.T0 + (i * 299), i * 1.1);
            expected.Add(CityRig.T0 + (i * 299), i * 1.1);
            if (i != 100) continue;
            await _rig.SettleAsync();
            await _rig.TickAsync(afterSeconds: 75); // a row in between
        }

        await _rig.DrainAsync();
        var a = Assert.Single(await WindowsAsync()).Aggregate;
        Assert.Equal((expected.Count, expected.Sum, expected.Mean, expected.M2), (a.Count, a.Sum, a.Mean, a.M2));
        await AssertAreasAsync(("sg", 200, expected.Sum), ("vn", 200, expected.Sum));
    }

    [Fact]
    public async Task A_device_that_moves_leaves_its_past_in_the_old_unit()
    {
        await _rig.PublishAsync("city/nam/sg/air/d1", CityRig.T0, 10);
        await _rig.PublishAsync("city/bac/hn/air/d1", CityRig.T0 + 1, 20);
        await _rig.DrainAsync();
        Assert.Equal(2, (await WindowsAsync()).Count);
        await AssertAreasAsync(("sg", 1, 10), ("hn", 1, 20), ("vn", 2, 30));
        Assert.Equal(20, Assert.Single((await Grain.GetSnapshot()).Latest).Value);
    }

    [Fact]
    public async Task Watchers_see_each_new_message_once_and_no_resent_one()
    {
        await _rig.PublishAsync(Topic, CityRig.T0 + 1, 10);
        await _rig.PublishAsync(Topic, CityRig.T0 + 1, 10);
        await _rig.PublishAsync(Topic, CityRig.T0 + 2, 10);
        await _rig.SettleAsync();
        Assert.Equal([("d1", CityRig.T0 + 1), ("d1", CityRig.T0 + 2)], _rig.Feed.Published);
    }

    [Fact]
    public async Task Windows_in_memory_can_be_read_before_they_are_stored()
    {
        await _rig.PublishAsync(Topic, CityRig.T0, 10);
        await _rig.SettleAsync();
        Assert.Equal(10, Assert.Single(await Grain.GetOpenWindows("pm25")).Aggregate.Mean);
        Assert.Empty(await Grain.GetOpenWindows("pm10"));
        Assert.Equal(new BufferedCount(CityRig.T0 - (CityRig.T0 % 3_600_000), 1), Assert.Single(await Grain.GetBuffered()));
        await _rig.DrainAsync();
        Assert.Empty(await Grain.GetOpenWindows("pm25"));
    }

    [Fact]
    public async Task The_clock_closes_windows_without_anybody_asking()
    {
        await _rig.PublishAsync(Topic, CityRig.T0, 10);
        await _rig.SettleAsync();
        await _rig.Closer.StartAsync(default);
        await TestGrainHost.WhenTimerWaitsAsync(_rig.Clock);
        _rig.Clock.Advance(TimeSpan.FromSeconds(80));
        await Eventually.IsTrue(() => _rig.Closer.BetweenTicksAsync(WindowsAsync, default).GetAwaiter().GetResult().Count == 1, "the window to be stored");
        await _rig.Closer.StopAsync(default);
    }

    private IDeviceGrain Grain => _rig.Grains.GetGrain<IDeviceGrain>("d1");

    private Task<IReadOnlyList<DeviceWindow>> WindowsAsync() => _rig.Store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue, default);

    private async Task AssertAreasAsync(params (string Area, long Count, double Sum)[] expected)
    {
        foreach (var (area, count, sum) in expected)
        {
            var row = Assert.Single(await _rig.Store.ReadAreaWindowsAsync(area, "air", "pm25", 0, long.MaxValue, default));
            Assert.Equal((area, count, sum), (area, row.Aggregate.Count, Math.Round(row.Aggregate.Sum, 6)));
        }
    }
}
