namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A grain that is not reentrant does one call after the other.</summary>
public sealed class TurnTests(SharedSilo silo) : ContractTests(silo)
{
    [Fact]
    public async Task A_call_that_awaits_keeps_the_next_call_out_until_it_ends()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        var first = grain.Work("first");
        await scene.Noted("first in");
        var second = grain.Work("second");
        await grain.Settle();
        Assert.False(scene.Has("second in"));

        scene.Open("first");
        await scene.Noted("second in");
        scene.Open("second");
        await Within(Task.WhenAll(first, second), "both calls");
        Assert.Equal(["first in", "first out", "second in", "second out"], scene.Notes);
    }

    [Fact]
    public async Task A_call_that_awaits_lets_other_grains_run()
    {
        var key = ContractSilo.NewKey();
        var held = Grains.GetGrain<ITurnGrain>(key).Work("held");
        await Scene(key).Noted("held in");
        for (var i = 0; i < 64; i++) Assert.Equal(i, await Grains.GetGrain<ITurnGrain>($"{key}-other-{i}").Quick(i));
        Assert.False(held.IsCompleted);
        Scene(key).Open("held");
        await Within(held, "the held call");
    }

    [Fact]
    public async Task Calls_of_one_caller_are_done_in_the_order_in_which_they_were_made()
    {
        const int Calls = 1000;
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        var held = grain.Work("held"); // so that a queue builds up
        await scene.Noted("held in");
        var calls = Enumerable.Range(0, Calls).Select(i => grain.Quick(i).AsTask()).ToArray();
        scene.Open("held");
        await Within(Task.WhenAll([held, .. calls]), "all calls");
        Assert.Equal(Enumerable.Range(0, Calls), await grain.Seen());
    }

    [Fact]
    public async Task A_one_way_call_takes_its_turn_like_any_other()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        await grain.Settle();
        await grain.Cast("cast");
        await scene.Noted("cast in");
        var next = grain.Work("next");
        await grain.Settle();
        Assert.False(scene.Has("next in"));

        scene.Open("cast");
        scene.Open("next");
        await Within(next, "the call behind the one-way call");
        Assert.Equal(["cast in", "cast out", "next in", "next out"], scene.Notes);
    }
}
