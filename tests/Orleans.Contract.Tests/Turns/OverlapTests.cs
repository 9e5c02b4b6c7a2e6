namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Turns under load from many threads.</summary>
public sealed class OverlapTests(SharedSilo silo) : ContractTests(silo)
{
    private const int Threads = 16;

    public static TheoryData<Pause> Kinds => [.. Enum.GetValues<Pause>().Where(p => p != Pause.None)];

    [Fact]
    public async Task A_million_calls_from_16_threads_to_one_grain_never_overlap()
    {
        const int Window = 10; // calls that each thread has on their way
        var grain = Grains.GetGrain<ITallyGrain>(ContractSilo.NewKey());
        Pause[] pauses = [Pause.Yield, Pause.None, Pause.Yield, Pause.OtherGrain, Pause.Yield, Pause.None, Pause.Yield, Pause.Run];
        await OnThreads(() =>
        {
            var calls = new Task[Window];
            for (var sent = 0; sent < SiloStack.ManyCalls / Threads; sent += Window)
            {
                for (var i = 0; i < Window; i++) calls[i] = grain.Add(pauses[i % pauses.Length]);
                Task.WaitAll(calls);
            }
        });
        Assert.Equal((SiloStack.ManyCalls, 0), await grain.Result());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_second_thread_is_ever_inside_a_reentrant_grain_after_awaiting(Pause pause)
    {
        const int Calls = 40, Times = 20;
        var key = ContractSilo.NewKey();
        var grain = Grains.GetGrain<IReentrantTallyGrain>(key);
        var calls = Enumerable.Range(0, Calls).Select(_ => grain.Add(pause, Times)).ToArray();
        await Scene(key).Noted("in", Calls);
        Scene(key).Open("start"); // all calls are inside, and go on together
        await Within(Task.WhenAll(calls), "all calls");
        Assert.Equal((Calls * Times, 0, Calls), await grain.Result());
    }

    [Fact]
    public async Task No_second_thread_is_ever_inside_a_reentrant_grain_that_16_threads_call_while_its_timer_ticks()
    {
        const int Calls = 500, Times = 5;
        var key = ContractSilo.NewKey();
        var grain = Grains.GetGrain<IReentrantTallyGrain>(key);
        Scene(key).Open("start");
        await grain.StartTimer(TimeSpan.FromMilliseconds(1));
        await OnThreads(() => Task.WaitAll(Enumerable.Range(0, Calls).Select(_ => grain.Add(Pause.Yield, Times)).ToArray()));
        var (total, overlaps, mostOpen) = await grain.Result();
        Assert.Equal(0, overlaps);
        Assert.True(total > Threads * Calls * Times, $"Only {total} steps: the timer did not tick.");
        Assert.True(mostOpen > 1, "The calls did not interleave, so this shows nothing.");
    }

    private static async Task OnThreads(Action calls)
    {
        var tasks = Enumerable.Range(0, Threads)
            .Select(_ => Task.Factory.StartNew(calls, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        await Task.WhenAll(tasks).WaitAsync(TimeSpan.FromSeconds(120));
    }
}
