using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using SmartCity.Contracts;
using SmartCity.Tests;

namespace SmartCity.Grains.Tests;

/// <summary>Grains that nobody calls leave the memory, and nobody can tell from the readings.</summary>
public sealed class IdleDeviceTests
{
    private const string Topic = "city/nam/sg/air/d1";

    [Fact]
    public async Task A_device_that_fell_silent_leaves_the_memory_and_a_late_reading_corrects_its_stored_window()
    {
        using var rig = await CityRig.StartedAsync();
        await rig.PublishAsync(Topic, CityRig.T0, 10);
        await rig.DrainAsync();
        await LeaveAsync(rig);

        await rig.PublishAsync(Topic, CityRig.T0 + 1000, 30);
        await rig.PublishAsync(Topic, CityRig.T0, 10); // a resend of what the grain that has left had taken
        await rig.DrainAsync();
        var window = Assert.Single(await rig.Store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue, default));
        Assert.Equal((2, 20.0, 2, 1L), (window.Aggregate.Count, window.Aggregate.Mean, window.Revision, window.Duplicates));
        Assert.Equal(2, Assert.Single(await rig.Store.ReadAreaWindowsAsync("vn", "air", "pm25", 0, long.MaxValue, default)).Aggregate.Count);
        Assert.Equal(30, Assert.Single((await rig.Grains.GetGrain<IDeviceGrain>("d1").GetSnapshot()).Latest).Value);
        Assert.Empty(await rig.ImbalancesAsync());
    }

    [Fact]
    public async Task A_device_does_not_leave_while_the_store_refuses_its_windows()
    {
        using var rig = await CityRig.StartedAsync();
        await rig.PublishAsync(Topic, CityRig.T0, 10);
        await rig.SettleAsync();
        rig.Store.FailsCommit = () => true;
        Assert.False(await rig.TickAsync(afterSeconds: 200)); // handed over, and not stored
        rig.Clock.Advance(TimeSpan.FromMinutes(20));
        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => rig.Grains.GetGrain<IDeviceGrain>($"other-{i}").GetSnapshot().AsTask())); // every shard has looked
        Assert.False(await rig.TickAsync(afterSeconds: 1));
        Assert.Equal(64 + 1, Active(rig)); // the others, and the one that would like to go
        Assert.Empty(await rig.Store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue, default));

        rig.Store.FailsCommit = () => false;
        Assert.True(await rig.TickAsync(afterSeconds: 1));
        await rig.PublishAsync(Topic, CityRig.T0 + 1000, 30);
        await rig.DrainAsync();
        var window = Assert.Single(await rig.Store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue, default));
        Assert.Equal((2, 20.0), (window.Aggregate.Count, window.Aggregate.Mean));
        Assert.Empty(await rig.ImbalancesAsync());
    }

    private static async Task LeaveAsync(CityRig rig)
    {
        Assert.True(Active(rig) > 0);
        await Eventually.IsTrue(
            () =>
            {
                rig.Clock.Advance(TimeSpan.FromMinutes(1)); // the host looks once a minute
                return Active(rig) == 0;
            },
            "the grains to leave");
    }

    private static long Active(CityRig rig) => rig.Services.GetRequiredService<GrainInsight>().Types().Single(t => t.Name == "DeviceGrain").Active;
}
