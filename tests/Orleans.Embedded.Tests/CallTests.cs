using System.Globalization;
using Orleans;
using SmartCity.Tests;

namespace SmartCity.Orleans.Tests;

/// <summary>Calls are pooled objects: what one caller gets must never be another's.</summary>
public sealed class CallTests : IDisposable
{
    private readonly GrainHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Results_and_exceptions_of_many_callers_are_never_mixed_up()
    {
        const int Callers = 8, Calls = 8000;
        var grains = Enumerable.Range(0, 16).Select(i => _host.Grains.GetGrain<IEchoGrain>($"echo-{i}")).ToArray();
        await Eventually.Within(Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            for (var i = 0; i < Calls; i++)
            {
                var value = (caller * 1_000_000L) + i;
                var grain = grains[random.Next(grains.Length)];
                switch (random.Next(5))
                {
                    case 0: Assert.Equal(value, await grain.Echo(value)); break;
                    case 1: Assert.Equal($"{value}", await grain.EchoText($"{value}")); break;
                    case 2: Assert.Equal(value, await grain.EchoSlowly(value)); break;
                    case 3:
                        var error = await Assert.ThrowsAsync<InvalidDataException>(async () => await grain.Fail(value));
                        Assert.Equal(value, long.Parse(error.Message, CultureInfo.InvariantCulture));
                        break;
                    default:
                        var calls = Enumerable.Range(0, 20).Select(n => grains[n % grains.Length].Echo(value + n).AsTask()).ToArray(); // many at once
                        Assert.Equal(Enumerable.Range(0, 20).Select(n => value + n), await Task.WhenAll(calls));
                        break;
                }
            }
        }))), "all callers");
    }

    [Fact]
    public async Task Calls_that_nobody_awaits_take_nothing_from_others()
    {
        var grain = _host.Grains.GetGrain<IEchoGrain>("abandoned");
        for (var i = 0; i < 10_000; i++)
        {
#pragma warning disable CA2012 // abandoning a call is what is tested
            _ = grain.Echo(-1);
#pragma warning restore CA2012
            Assert.Equal(i, await grain.Echo(i));
        }
    }

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
            var name = await _host.Grains.GetGrain<IEchoGrain>($"device-{i}").ThreadName();
            Assert.Equal(name, await _host.Grains.GetGrain<IEchoGrain>($"device-{i}").ThreadName());
            byShard[name] = byShard.GetValueOrDefault(name) + 1;
        }

        Assert.Equal(Environment.ProcessorCount, byShard.Count);
        var even = 4000.0 / Environment.ProcessorCount;
        Assert.All(byShard.Values, n => Assert.InRange(n, even - (6 * Math.Sqrt(even)), even + (6 * Math.Sqrt(even)))); // six standard deviations
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shard_survives_an_exception_outside_any_call_and_says_so(bool later)
    {
        var grain = _host.Grains.GetGrain<IEchoGrain>("outside");
        for (var i = 1; i <= 5; i++)
        {
            await grain.FailOutside(later);
            Assert.Equal(i, await grain.Echo(i));
            await Eventually.IsTrue(() => _host.Logged(2001) == i, "the exception to be logged");
        }
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
