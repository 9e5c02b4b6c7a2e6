using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Grains that nobody calls leave memory; those in use stay.</summary>
public sealed class IdleTests(ForgetfulSilo silo) : ContractTests(silo), IClassFixture<ForgetfulSilo>
{
    private static readonly TimeSpan s_often = TimeSpan.FromMilliseconds(100);
    private readonly string _key = ContractSilo.NewKey("idle");

    private ILifeGrain Grain => Grains.GetGrain<ILifeGrain>(_key);

    private Scene Life => Scene(_key);

    [Fact]
    public async Task A_grain_that_nobody_calls_is_deactivated_as_idle_and_comes_back_when_called()
    {
        var clock = Stopwatch.StartNew();
        Assert.Equal(1, await Grain.Number());
        await Life.Noted("1 deactivating ActivationIdle");
        Assert.True(clock.Elapsed > ForgetfulSilo.CollectionAge * 0.9, $"It was deactivated after {clock.ElapsedMilliseconds} ms.");
        await Life.Noted("1 deactivated");
        Assert.Equal(2, await Grain.Number());
    }

    [Fact]
    public async Task A_grain_in_use_stays_while_others_leave()
    {
        await Grain.Number();
        await OthersLeave(meanwhile: () => Grain.Number());
        Assert.Equal(1, await Grain.Number());
    }

    [Fact]
    public async Task A_grain_whose_call_takes_long_stays_while_others_leave()
    {
        var work = Grain.Work("work");
        await Life.Noted("work in");
        await OthersLeave();
        Life.Open("work");
        Assert.Equal(1, await Within(work, "the long call"));
        Assert.True(Array.IndexOf(Life.Notes, "1 deactivating ActivationIdle") < 0);
    }

    [Fact]
    public async Task A_timer_that_keeps_its_grain_alive_does_so()
    {
        await Grain.KeepAwake(s_often, keepAlive: true);
        await OthersLeave();
        Assert.Equal(1, await Grain.Number());
        Assert.True(Life.Count("tick") > 1, "The timer did not tick, so this shows nothing.");
    }

    [Fact]
    public async Task A_timer_does_not_keep_its_grain_alive_by_itself()
    {
        await Grain.KeepAwake(s_often, keepAlive: false);
        await Life.Noted("1 deactivated");
        Assert.True(Life.Has("1 deactivating ActivationIdle"));
        Assert.True(Life.Count("tick") > 1, "The timer did not tick, so this shows nothing.");
    }

    [Fact]
    public async Task Classes_without_an_age_of_their_own_have_the_common_one()
    {
        await Grains.GetGrain<IPlaceGrain>(_key).Visit();
        await OthersLeave();
        Assert.Equal(2, await Grains.GetGrain<IPlaceGrain>(_key).Visit()); // the default is 15 minutes
    }

    [Fact]
    public async Task The_common_age_deactivates_grains_of_every_class()
    {
        await using var silo = await ContractSilo.Start(s => s.Services.Configure<GrainCollectionOptions>(o =>
        {
            o.CollectionQuantum = TimeSpan.FromMilliseconds(100);
            o.CollectionAge = TimeSpan.FromMilliseconds(500);
        }));
        Assert.Equal(1, await silo.Grains.GetGrain<ILifeGrain>(_key).Number());
        await silo.Scene(_key).Noted("1 deactivating ActivationIdle");
    }

    /// <summary>Ends when two grains, one after the other, have been collected.</summary>
    private async Task OthersLeave(Func<Task>? meanwhile = null)
    {
        for (var i = 0; i < 2; i++)
        {
            var key = ContractSilo.NewKey("other");
            await Grains.GetGrain<ILifeGrain>(key).Number();
            var left = Scene(key).Noted("1 deactivated");
            while (meanwhile is not null && !left.IsCompleted) await meanwhile();
            await left;
        }
    }
}
