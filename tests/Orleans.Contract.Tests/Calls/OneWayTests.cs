namespace SmartCity.Orleans.Contract.Tests;

/// <summary>The caller of a one-way method learns nothing of its end.</summary>
public sealed class OneWayTests(SharedSilo silo) : ContractTests(silo)
{
    [Fact]
    public async Task A_one_way_call_returns_before_the_method_ends()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        await Within(grain.Cast("cast"), "the one-way call");
        await scene.Noted("cast in");
        Assert.False(scene.Has("cast out"));
        scene.Open("cast");
        await scene.Noted("cast out");
    }

    [Fact]
    public async Task A_one_way_call_returns_while_the_grain_is_busy()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        var work = grain.Work("work");
        await scene.Noted("work in");
        await Within(grain.Cast("cast"), "the one-way call");
        Assert.False(work.IsCompleted);
        scene.Open("work");
        await scene.Noted("cast in");
        scene.Open("cast");
        await scene.Noted("cast out");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_exception_of_a_one_way_call_reaches_nobody_and_harms_no_later_call(bool later)
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<IFaultyGrain>(key), Scene(key));
        await grain.Remember(5);
        await grain.CastAndThrow(later);
        await scene.Noted("throwing");
        Assert.Equal(5, await grain.Remembered());
    }
}
