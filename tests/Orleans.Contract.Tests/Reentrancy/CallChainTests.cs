using System.Diagnostics;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A call that comes back to a grain that awaits it: let in where the grain allows it, a deadlock that a time-out ends elsewhere.</summary>
public sealed class CallChainTests(ImpatientSilo silo) : ContractTests(silo), IClassFixture<ImpatientSilo>
{
    private readonly string _a = ContractSilo.NewKey("a");
    private readonly string _b = ContractSilo.NewKey("b");
    private readonly string _c = ContractSilo.NewKey("c");

    [Fact]
    public async Task A_chain_comes_back_into_the_grain_that_allows_it() =>
        Assert.Equal(_a, await Go($"allow:{_b} call:{_a}"));

    [Fact]
    public async Task A_chain_comes_back_through_several_grains() =>
        Assert.Equal(_a, await Go($"allow:{_b} call:{_c} call:{_a}"));

    [Fact]
    public async Task A_chain_comes_back_more_than_once() =>
        Assert.Equal(_a, await Go($"allow:{_b} call:{_a} call:{_b}-2 call:{_a}"));

    [Fact]
    public async Task A_grain_that_allows_it_calls_itself() =>
        Assert.Equal(_a, await Go($"allow:{_a}"));

    [Fact]
    public async Task What_one_grain_allows_opens_no_other() =>
        await AssertDeadlock($"allow:{_b} call:{_c} call:{_b}", _b, _c, _b);

    [Fact]
    public async Task Suppressed_reentrancy_keeps_the_chain_out() =>
        await AssertDeadlock($"suppress:{_b} call:{_a}", _a, _b, _a);

    [Fact]
    public async Task Reentrancy_ends_with_its_scope() =>
        await AssertDeadlock($"allowed:{_b} call:{_a}", _a, _b, _a);

    [Fact]
    public async Task Other_callers_stay_out_of_a_grain_that_lets_its_own_chain_in()
    {
        var a = Grains.GetGrain<IChainGrain>(_a);
        var chain = a.Go($"allow:{_b} act:hold");
        await Scene(_b).Noted("hold in");
        var other = a.Go("act:other");
        await a.Settle();
        Assert.False(Scene(_a).Has("other in"));
        Scene(_b).Open("hold");
        Scene(_a).Open("other");
        Assert.Equal(_b, await chain);
        await Within(other, "the other caller");
    }

    [Fact]
    public async Task Two_grains_that_wait_for_each_other_end_by_time_out() =>
        await AssertDeadlock($"call:{_b} call:{_a}", _a, _b, _a);

    [Fact]
    public async Task A_grain_that_waits_for_itself_ends_by_time_out() =>
        await AssertDeadlock($"call:{_a}", _a, _a);

    [Fact]
    public async Task Grains_work_on_after_a_deadlock()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Go($"call:{_b} call:{_a}"));
        // The time-outs inside the grains come at about the same time; a call that came too early waits for them.
        await Answers(() => Grains.GetGrain<IChainGrain>(_a).Go(""), _a);
        await Answers(() => Grains.GetGrain<IChainGrain>(_b).Go(""), _b);
    }

    private async Task<string> Go(string route) => await Within(Grains.GetGrain<IChainGrain>(_a).Go(route), route);

    private async Task AssertDeadlock(string route, params string[] chain)
    {
        var clock = Stopwatch.StartNew();
        var error = await Assert.ThrowsAsync<TimeoutException>(() => Grains.GetGrain<IChainGrain>(_a).Go(route));
        Assert.InRange(clock.Elapsed, ImpatientSilo.ResponseTimeout * 0.9, ImpatientSilo.ResponseTimeout * 5);
        SiloStack.AssertNamesCallChain(error, chain);
    }

    private static async Task Answers(Func<Task<string>> call, string expected)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Assert.Equal(expected, await call());
                return;
            }
            catch (TimeoutException) when (attempt < 4)
            {
            }
        }
    }
}
