using SmartCity.Tests;

namespace SmartCity.Orleans.Tests;

/// <summary>No caller waits for ever: not for a grain that blocks its thread, and not for one whose host has ended.</summary>
public sealed class HeldUpTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(1_764_000_000_000);
    private readonly GrainHost _host;

    public HeldUpTests() => _host = new(_clock);

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_call_that_blocks_its_thread_is_overdue_like_any_other()
    {
        var grain = Odd("held up");
        var blocked = grain.Block("held up");
        await Eventually.Within(Gates.Of("held up in").Task, "the call to begin");
        PassTimeout();
        var error = await Ended<TimeoutException>(blocked);
        Assert.StartsWith("IOddGrain.Block on OddGrain/held up did not answer within 00:00:30: the thread of its shard is held up by IOddGrain.Block on OddGrain/held up,", error.Message, StringComparison.Ordinal);
        Gates.Of("held up").SetResult();
        Assert.True(await Eventually.Within(grain.Number().AsTask(), "the next call") > 0);
    }

    [Fact]
    public async Task Calls_of_other_grains_behind_a_blocked_thread_end_in_time_and_the_host_goes_on_when_it_is_free()
    {
        IOddGrain[] grains = [.. Enumerable.Range(0, 64).Select(i => Odd($"behind-{i}")), Odd("behind")];
        var threads = await Eventually.Within(Task.WhenAll(grains.Select(g => g.ThreadId().AsTask())), "the shards of the grains");
        var blocked = Odd("behind").HoldThenBlock("behind hold", "behind block");
        await Eventually.Within(Gates.Of("behind hold in").Task, "the call to begin");
        Gates.Of("behind hold").SetResult();
        await Eventually.Within(Gates.Of("behind block in").Task, "the call to block");
        var others = grains.Select(g => g.Number().AsTask()).ToArray();
        // Those of free shards first: a turn that the clock finds running is held up as well.
        await Eventually.Within(Task.WhenAll(others.Where((_, i) => threads[i] != threads[^1])), "the calls of other shards");
        PassTimeout();
        await Ended<TimeoutException>(blocked);
        await Eventually.Within(Task.WhenAll(others).ContinueWith(static _ => { }, TaskScheduler.Default), "every other call");
        var late = others.Where((_, i) => threads[i] == threads[^1]).Select(o => Assert.IsType<AggregateException>(o.Exception).InnerException!).ToList();
        Assert.True(late.Count > 1);
        Assert.All(late, e => Assert.Contains("is held up by a continuation of IOddGrain.HoldThenBlock on OddGrain/behind", Assert.IsType<TimeoutException>(e).Message, StringComparison.Ordinal));
        Gates.Of("behind block").SetResult();
        for (var round = 0; round < 20; round++)
        {
            // Objects of calls that were given up must not come back as those of others.
            var all = await Eventually.Within(Task.WhenAll(Enumerable.Range(0, 64).Select(i => Odd($"behind-{i}").Number().AsTask())), "calls to every grain");
            Assert.All(all, n => Assert.True(n > 0));
        }
    }

    [Fact]
    public async Task Calls_that_run_or_wait_when_the_host_ends_are_answered()
    {
        using var host = new GrainHost();
        var grain = host.Grains.GetGrain<IOddGrain>("ends");
        var running = grain.Hold("ends");
        await Eventually.Within(Gates.Of("ends in").Task, "the call to begin");
        var waiting = grain.Number().AsTask();
        await host.DrainAsync(new CancellationToken(canceled: true));
        host.Dispose();
        Assert.Contains("IOddGrain.Hold on OddGrain/ends did not end before the grain host stopped.", (await Ended<ObjectDisposedException>(running)).Message, StringComparison.Ordinal);
        Assert.Contains("IOddGrain.Number on OddGrain/ends did not end before the grain host stopped.", (await Ended<ObjectDisposedException>(waiting)).Message, StringComparison.Ordinal);
    }

    private static async Task<T> Ended<T>(Task call)
        where T : Exception
    {
        await Eventually.Within(call.ContinueWith(static _ => { }, TaskScheduler.Default), "the call");
        return await Assert.ThrowsAsync<T>(() => call);
    }

    private IOddGrain Odd(string key) => _host.Grains.GetGrain<IOddGrain>(key);

    private void PassTimeout()
    {
        for (var i = 0; i < 40; i++) _clock.Advance(TimeSpan.FromSeconds(1));
    }
}
