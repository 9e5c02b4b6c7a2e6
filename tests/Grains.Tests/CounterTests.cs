using SmartCity.Contracts;

namespace SmartCity.Grains.Tests;

/// <summary>Meters: windows whose increase is exact whatever the order, and areas that are told each increase once.</summary>
public sealed class CounterTests
{
    private const long T0 = CityRig.T0;
    private const long Minute = CityRig.MinuteMs;

    [Fact]
    public async Task A_meter_that_reports_once_a_minute_adds_the_steps_between_its_windows_to_its_areas()
    {
        using var rig = await CityRig.StartedAsync();
        for (var minute = 0; minute < 5; minute++)
        {
            await rig.PublishAsync("city/nam/sg/energy/m1", T0 + (minute * Minute), 100 + (minute * 2), "energy");
            await rig.PublishAsync("city/nam/bd/energy/m2", T0 + (minute * Minute), 7000 + (minute * 3), "energy");
            await rig.SettleAsync();
            await rig.TickAsync(afterSeconds: 60);
        }

        await rig.DrainAsync();
        Assert.Equal([0, 0, 0, 0, 0], (await WindowsAsync(rig, "m1")).Select(w => w.Aggregate.Increase)); // a window has one reading
        Assert.Equal([0.0, 2, 2, 2, 2], await IncreasesAsync(rig, "sg"));
        Assert.Equal([0.0, 5, 5, 5, 5], await IncreasesAsync(rig, "nam"));
        Assert.Equal([0.0, 5, 5, 5, 5], await IncreasesAsync(rig, "vn"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_late_reading_makes_or_undoes_a_reset_in_its_window(bool restart)
    {
        using var rig = await CityRig.StartedAsync();
        await rig.PublishAsync("city/nam/sg/energy/m1", T0, 100, "energy");
        await rig.PublishAsync("city/nam/sg/energy/m1", T0 + 30_000, 4, "energy"); // exchanged
        await rig.PublishAsync("city/nam/sg/energy/m1", T0 + 40_000, 6, "energy");
        await rig.DrainAsync();
        Assert.Equal((6.0, 1L), Increase(Assert.Single(await WindowsAsync(rig, "m1"))));
        if (restart) await rig.RestartAsync();
        await rig.PublishAsync("city/nam/sg/energy/m1", T0 + 10_000, 109, "energy"); // the last word of the old one
        await rig.PublishAsync("city/nam/sg/energy/m1", T0 + 20_000, 2, "energy"); // the first of the new one
        await rig.DrainAsync();
        Assert.Equal((9.0 + 2 + 2 + 2, 1L), Increase(Assert.Single(await WindowsAsync(rig, "m1"))));
    }

    [Fact]
    public async Task What_areas_were_told_is_found_again_after_a_crash_and_after_the_grain_has_slept()
    {
        using var rig = await CityRig.StartedAsync();
        await rig.PublishAsync("city/nam/sg/energy/m1", T0, 100, "energy");
        await rig.DrainAsync();
        await rig.RestartAsync();

        // The latest value is stored with the window of minute 20, while that of minute 21 is still open: it is not told yet.
        var now = (rig.Clock.NowMs / Minute * Minute) + Minute;
        await rig.PublishAsync("city/nam/sg/energy/m1", now, 110, "energy");
        await rig.PublishAsync("city/nam/sg/energy/m1", now + Minute, 125, "energy");
        await rig.SettleAsync();
        rig.Clock.Advance(TimeSpan.FromMilliseconds(now + Minute + 12_000 - rig.Clock.NowMs));
        await rig.TickAsync();
        await rig.TickAsync(afterSeconds: 1);
        Assert.Equal(2, (await WindowsAsync(rig, "m1")).Count);
        Assert.Equal(125, Assert.Single(await rig.Store.LoadLatestAsync("m1")).Value);
        await rig.RestartAsync();
        await rig.DrainAsync();
        Assert.Equal([0.0, 10, 15], await IncreasesAsync(rig, "sg"));
        Assert.Equal([0.0, 10, 15], await IncreasesAsync(rig, "vn"));
    }

    [Fact]
    public async Task A_late_reading_that_fits_in_tells_an_area_nothing_new()
    {
        using var rig = await CityRig.StartedAsync();
        await rig.PublishAsync("city/nam/sg/energy/m1", T0, 100, "energy");
        await rig.PublishAsync("city/nam/sg/energy/m1", T0 + (3 * Minute), 130, "energy");
        await rig.DrainAsync();
        await rig.PublishAsync("city/nam/sg/energy/m1", T0 + 30_000, 105, "energy"); // the window of the first one goes on
        await rig.PublishAsync("city/nam/sg/energy/m1", T0 + Minute, 110, "energy"); // a window of its own
        await rig.PublishAsync("city/nam/sg/energy/m1", T0 + (3 * Minute) - 1, 129, "energy");
        await rig.DrainAsync();
        Assert.Equal(30, (await IncreasesAsync(rig, "sg")).Sum());
        Assert.Equal([5, 0, 0, 0], (await WindowsAsync(rig, "m1")).Select(w => w.Aggregate.Increase));
    }

    [Fact]
    public async Task The_step_of_a_meter_that_moved_belongs_to_where_it_is_now()
    {
        using var rig = await CityRig.StartedAsync();
        await rig.PublishAsync("city/nam/sg/energy/m1", T0, 100, "energy");
        await rig.PublishAsync("city/bac/hn/energy/m1", T0 + Minute, 104, "energy");
        await rig.DrainAsync();
        Assert.Equal([0.0], await IncreasesAsync(rig, "sg"));
        Assert.Equal([4.0], await IncreasesAsync(rig, "hn"));
        Assert.Equal(4, (await IncreasesAsync(rig, "vn")).Sum());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Windows_are_exact_and_the_same_bit_for_bit_however_often_the_host_crashes_and_areas_have_what_was_counted(int seed)
    {
        var (rows, area, readings) = await RunAsync(seed, disturbed: false);
        var (disturbedRows, disturbedArea, _) = await RunAsync(seed, disturbed: true);
        Assert.Equal(rows.Select(r => Convert.ToHexString(Bytes(r.Aggregate))), disturbedRows.Select(r => Convert.ToHexString(Bytes(r.Aggregate))));
        foreach (var row in rows)
        {
            var inside = readings.Where(r => r.Device == row.DeviceId && r.Ms >= row.StartMs && r.Ms < row.StartMs + Minute).OrderBy(r => r.Ms).ToList();
            var (increase, resets) = (0.0, 0L);
            for (var i = 1; i < inside.Count; i++)
            {
                var step = CounterStep.Between(inside[i - 1].Value, inside[i].Value);
                (increase, resets) = (increase + step.Increase, resets + step.Resets);
            }

            Assert.Equal((inside.Count, increase, resets), ((int)row.Aggregate.Count, row.Aggregate.Increase, row.Aggregate.Resets));
        }

        // Meters without a reset: the areas have what every meter has counted from its first told reading on.
        var counted = readings.Where(r => r.Device != "resets").GroupBy(r => r.Device).Sum(g => g.Max(r => r.Value) - g.OrderBy(r => r.Ms).First().Value);
        Assert.Equal(counted, area);
        Assert.Equal(counted, disturbedArea);
    }

    private static async Task<(IReadOnlyList<DeviceWindow> Rows, double Area, List<(string Device, long Ms, double Value)> Readings)> RunAsync(int seed, bool disturbed)
    {
        var (random, faults) = (new Random(seed), new Random(seed + 7));
        var readings = new List<(string Device, long Ms, double Value)>();
        foreach (var device in (string[])["m1", "m2", "resets"])
        {
            var value = 1000.0;
            for (var i = 0; i < 120; i++)
            {
                readings.Add((device, T0 + (i * 5000), value));
                value = device == "resets" && random.Next(10) == 0 ? random.Next(3) : value + random.Next(5);
            }
        }

        // Each meter's first reading comes first; the others up to four minutes late.
        var order = readings.OrderBy(r => r.Ms == T0 ? 0 : r.Ms + random.Next(240_000)).ToList();
        using var rig = await CityRig.StartedAsync();
        foreach (var (device, ms, value) in order)
        {
            var due = ms - 5000;
            if (due > rig.Clock.NowMs) rig.Clock.Advance(TimeSpan.FromMilliseconds(due - rig.Clock.NowMs));
            await rig.PublishAsync($"city/{(device == "resets" ? "bac/hn" : "nam/sg")}/energy/{device}", ms, value, "energy");
            if (ms == T0) await rig.SettleAsync();
            if (!disturbed)
            {
                await rig.SettleAsync();
                await rig.TickAsync();
                continue;
            }

            if (faults.Next(5) == 0) await rig.TickAsync();
            if (faults.Next(40) == 0) await rig.RestartAsync();
        }

        await rig.DrainAsync();
        var rows = new List<DeviceWindow>();
        foreach (var device in (string[])["m1", "m2", "resets"]) rows.AddRange(await WindowsAsync(rig, device));
        return (rows, (await IncreasesAsync(rig, "nam")).Sum(), readings);
    }

    private static byte[] Bytes(WindowAggregate aggregate)
    {
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        aggregate.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static (double Increase, long Resets) Increase(DeviceWindow window) => (window.Aggregate.Increase, window.Aggregate.Resets);

    private static Task<IReadOnlyList<DeviceWindow>> WindowsAsync(CityRig rig, string device) => rig.Store.ReadWindowsAsync(device, "energy", 0, long.MaxValue, default);

    private static async Task<IEnumerable<double>> IncreasesAsync(CityRig rig, string area) =>
        (await rig.Store.ReadAreaWindowsAsync(area, "energy", "energy", 0, long.MaxValue, default)).Select(w => w.Aggregate.Increase);
}
