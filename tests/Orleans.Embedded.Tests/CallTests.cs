using Orleans.Serialization;
using SmartCity.Tests;

namespace SmartCity.Orleans.Tests;

/// <summary>What this host alone promises of calls: they cost no allocation, and grains spread over its shards. The rest is in the contract tests.</summary>
public sealed class CallTests : IDisposable
{
    private readonly GrainHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Warm_calls_that_end_synchronously_allocate_nothing()
    {
        const int Calls = 100_000;
        var grain = _host.Grains.GetGrain<ICounterGrain>("warm");
        // On this thread alone, completions come back through a queue of ours, so the thread's own counter sees everything that it allocates.
        var bytes = await Eventually.Within(Task.Factory.StartNew(
            () =>
            {
                CallInTurn(grain, 20_000);
                var before = GC.GetAllocatedBytesForCurrentThread();
                CallInTurn(grain, Calls);
                return GC.GetAllocatedBytesForCurrentThread() - before;
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default), "the calls");
        Assert.InRange(bytes / (double)Calls, 0, 0.01); // the pool may grow by an object or two, at most
    }

    [Fact]
    public async Task Warm_calls_allocate_nothing_on_the_shards_either()
    {
        const int Calls = 100_000;
        var grain = _host.Grains.GetGrain<ICounterGrain>("warm");
        for (var i = 0; i < 20_000; i++) await grain.Add(1);
        var least = double.MaxValue;
        // The counter is the whole process's, other tests included: the quietest of several rounds tells.
        for (var round = 0; round < 8; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Calls; i++) await grain.Add(1);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Calls);
        }

        Assert.InRange(least, 0, 1);
    }

    [Fact]
    public async Task Grains_spread_evenly_over_the_shards_and_each_stays_on_its_own()
    {
        var byShard = new Dictionary<string, int>();
        for (var i = 0; i < 4000; i++)
        {
            var name = await _host.Grains.GetGrain<ICounterGrain>($"device-{i}").ThreadName();
            Assert.Equal(name, await _host.Grains.GetGrain<ICounterGrain>($"device-{i}").ThreadName());
            byShard[name] = byShard.GetValueOrDefault(name) + 1;
        }

        Assert.Equal(Environment.ProcessorCount, byShard.Count);
        var even = 4000.0 / Environment.ProcessorCount;
        Assert.All(byShard.Values, n => Assert.InRange(n, even - (6 * Math.Sqrt(even)), even + (6 * Math.Sqrt(even)))); // six standard deviations
    }

    [Fact]
    public void A_message_nested_too_deeply_to_be_copied_fails_its_call_and_not_the_process()
    {
        List<object> message = [];
        for (var i = 0; i < 200_000; i++) message = [message];
        Assert.Throws<InsufficientExecutionStackException>(() => CopyContext.CopyOf(message));
    }

    [Fact]
    public async Task An_answer_that_is_taken_before_it_is_there_is_refused_and_comes_all_the_same()
    {
        var grain = _host.Grains.GetGrain<ICounterGrain>("early");
        var held = grain.AddSlowly("early");
#pragma warning disable CA2012 // what is tested is the misuse
        var waiting = grain.Total();
        Assert.Throws<InvalidOperationException>(() => waiting.GetAwaiter().GetResult());
#pragma warning restore CA2012
        Gates.Of("early").SetResult();
        Assert.Equal(1, await Eventually.Within(waiting.AsTask(), "the answer"));
        await Eventually.Within(held, "the held call");
    }

    private static void CallInTurn(ICounterGrain grain, int calls)
    {
        using var done = new ManualResetEventSlim();
        SynchronizationContext.SetSynchronizationContext(new Inline());
        Action set = done.Set;
        for (var i = 0; i < calls; i++)
        {
            done.Reset();
#pragma warning disable CA2012 // an await without a state machine: the awaiter's result is taken once
            var awaiter = grain.Add(1).GetAwaiter();
#pragma warning restore CA2012
            if (!awaiter.IsCompleted)
            {
                awaiter.UnsafeOnCompleted(set);
                done.Wait();
            }

            awaiter.GetResult();
        }

        SynchronizationContext.SetSynchronizationContext(null);
    }

    /// <summary>Runs a completion on the shard that brings it; here it only wakes the caller.</summary>
    private sealed class Inline : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => d(state);
    }
}
