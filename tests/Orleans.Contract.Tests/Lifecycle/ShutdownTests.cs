namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A silo that stops lets its grains end in order.</summary>
public sealed class ShutdownTests
{
    private readonly string _key = ContractSilo.NewKey("life");

    [Fact]
    public async Task Every_activation_is_told_that_the_silo_shuts_down()
    {
        await using var silo = await ContractSilo.Start();
        for (var i = 0; i < 100; i++) await silo.Grains.GetGrain<ILifeGrain>($"{_key}-{i}").Number();
        await silo.Stop();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(
                ["created", "1 activating", "1 activated", "1 called", "1 deactivating ShuttingDown", "1 deactivated"],
                silo.Scene($"{_key}-{i}").Notes);
        }
    }

    [Fact]
    public async Task The_silo_waits_for_the_hooks_of_its_grains()
    {
        await using var silo = await ContractSilo.Start();
        var scene = silo.Scene(_key);
        await silo.Grains.GetGrain<ILifeGrain>(_key).Number();
        scene.Hold("deactivate");
        var stop = silo.Stop();
        await scene.Noted("1 deactivating ShuttingDown");
        Assert.False(stop.IsCompleted);
        scene.Open("deactivate");
        await stop.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(scene.Has("1 deactivated"));
    }

    [Fact]
    public async Task The_silo_waits_for_a_call_that_runs()
    {
        await using var silo = await ContractSilo.Start();
        var scene = silo.Scene(_key);
        var work = silo.Grains.GetGrain<ILifeGrain>(_key).Work("work");
        await scene.Noted("work in");
        await silo.Grains.GetGrain<ILifeGrain>($"{_key}-other").Number();
        var stop = silo.Stop();
        await silo.Scene($"{_key}-other").Noted("1 deactivated"); // by then, a silo that does not wait has ended this one too
        Assert.False(stop.IsCompleted);
        scene.Open("work");
        await stop.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(["created", "1 activating", "1 activated", "work in", "work out", "1 deactivating ShuttingDown", "1 deactivated"], scene.Notes);
        Assert.Equal(1, await work.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_hook_that_throws_keeps_no_other_grain_from_ending_in_order()
    {
        await using var silo = await ContractSilo.Start();
        silo.Scene($"{_key}-bad").Script("deactivate at once", new InvalidDataException("cannot say goodbye"));
        await silo.Grains.GetGrain<ILifeGrain>($"{_key}-bad").Number();
        await silo.Grains.GetGrain<ILifeGrain>(_key).Number();
        await silo.Stop();
        Assert.True(silo.Scene($"{_key}-bad").Has("1 deactivating ShuttingDown"));
        Assert.True(silo.Scene(_key).Has("1 deactivated"));
    }
}
