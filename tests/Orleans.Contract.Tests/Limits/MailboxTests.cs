namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A grain with too many waiting calls turns further ones away, and nothing else suffers.</summary>
public sealed class MailboxTests(StrictSilo silo) : ContractTests(silo), IClassFixture<StrictSilo>
{
    private const int Sent = StrictSilo.HardLimit + 30;
    private readonly string _key = ContractSilo.NewKey("full");

    private ITurnGrain Grain => Grains.GetGrain<ITurnGrain>(_key);

    [Fact]
    public async Task Calls_beyond_the_limit_fail_at_once_while_those_within_it_wait()
    {
        var (held, calls) = await Fill();
        var refused = calls[^1];
        var error = await Assert.ThrowsAsync<LimitExceededException>(() => Within(refused, "the last call"));
        Assert.NotEmpty(error.Message);
        Assert.False(held.IsCompleted);
        Assert.False(calls[0].IsCompleted);
        await Release(held, calls);
    }

    [Fact]
    public async Task As_many_calls_wait_as_the_limit_says_and_every_one_of_them_is_done_in_order()
    {
        var (held, calls) = await Fill();
        await Release(held, calls);
        var done = await Grain.Seen();
        Assert.Equal(StrictSilo.HardLimit, done.Length); // besides the one that runs
        Assert.Equal(Enumerable.Range(0, done.Length), done);
        Assert.All(calls[..done.Length], c => Assert.True(c.IsCompletedSuccessfully));
        Assert.All(calls[done.Length..], c => Assert.IsType<LimitExceededException>(c.Exception?.InnerException));
    }

    [Fact]
    public async Task A_full_grain_keeps_no_other_grain_from_working()
    {
        var (held, calls) = await Fill();
        for (var i = 0; i < 100; i++) Assert.Equal(i, await Within(Grains.GetGrain<ITurnGrain>($"{_key}-other").Quick(i).AsTask(), "another grain"));
        Assert.False(held.IsCompleted);
        await Release(held, calls);
    }

    [Fact]
    public async Task A_grain_that_was_full_takes_calls_again()
    {
        var (held, calls) = await Fill();
        await Release(held, calls);
        for (var i = 1000; i < 1200; i++) Assert.Equal(i, await Grain.Quick(i));
    }

    [Fact]
    public async Task A_caller_that_waits_for_each_answer_never_meets_the_limit()
    {
        for (var i = 0; i < 10 * StrictSilo.HardLimit; i++) Assert.Equal(i, await Grain.Quick(i));
    }

    [Fact]
    public async Task Without_a_limit_all_calls_wait()
    {
        await using var silo = await ContractSilo.Start();
        var grain = silo.Grains.GetGrain<ITurnGrain>(_key);
        var held = grain.Work("held");
        await silo.Scene(_key).Noted("held in");
        var calls = Enumerable.Range(0, 2000).Select(i => grain.Quick(i).AsTask()).ToArray();
        silo.Scene(_key).Open("held");
        await Within(Task.WhenAll([held, .. calls]), "all calls");
    }

    [Fact]
    public async Task A_timer_of_a_full_grain_waits_its_turn_and_goes_on_ticking()
    {
        var grain = Grains.GetGrain<ITimerGrain>(_key);
        await grain.Start("clock", TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(10), default);
        await grain.Start("beside", TimeSpan.FromMilliseconds(400), Timeout.InfiniteTimeSpan, TimerKind.Interleave);
        var held = grain.Work("held");
        await Scene(_key).Noted("held in");
        var calls = Enumerable.Range(0, Sent).Select(_ => grain.Work("next")).ToArray();
        await Assert.ThrowsAsync<LimitExceededException>(() => Within(calls[^1], "the last call"));
        await Scene(_key).Noted("beside tick"); // by then the other was due as well
        var before = Scene(_key).Count("clock tick");
        Scene(_key).Open("next");
        await Release(held, calls);
        await Scene(_key).Noted("clock tick", before + 1);
    }

    private async Task<(Task Held, Task[] Calls)> Fill()
    {
        var held = Grain.Work("held");
        await Scene(_key).Noted("held in");
        return (held, Enumerable.Range(0, Sent).Select(i => (Task)Grain.Quick(i).AsTask()).ToArray());
    }

    private async Task Release(Task held, Task[] calls)
    {
        Scene(_key).Open("held");
        await Within(held, "the held call");
        await Within(Task.WhenAll(calls).ContinueWith(static _ => { }, TaskScheduler.Default), "the calls that waited");
    }
}
