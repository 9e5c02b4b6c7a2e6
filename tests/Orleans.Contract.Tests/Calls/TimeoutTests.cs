using System.Diagnostics;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A caller waits no longer than the response time-out; the grain is not harmed by it.</summary>
public sealed class TimeoutTests(ImpatientSilo silo) : ContractTests(silo), IClassFixture<ImpatientSilo>
{
    [Fact]
    public async Task A_call_that_takes_too_long_fails_for_its_caller_in_time()
    {
        var key = ContractSilo.NewKey();
        var clock = Stopwatch.StartNew();
        await Assert.ThrowsAsync<TimeoutException>(() => Grains.GetGrain<ITurnGrain>(key).Work("long"));
        Assert.InRange(clock.Elapsed, ImpatientSilo.ResponseTimeout * 0.9, ImpatientSilo.ResponseTimeout * 5);
        Scene(key).Open("long");
    }

    [Fact]
    public async Task The_grain_goes_on_with_a_call_that_timed_out_and_takes_the_next_one()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        await Assert.ThrowsAsync<TimeoutException>(() => grain.Work("long"));
        Assert.Equal(["long in"], scene.Notes);
        scene.Open("long");
        await scene.Noted("long out");
        Assert.Equal(7, await grain.Quick(7));
    }

    [Fact]
    public async Task A_call_that_timed_out_still_keeps_the_next_one_out_until_it_ends()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        await Assert.ThrowsAsync<TimeoutException>(() => grain.Work("long"));
        var next = grain.Quick(1);
        await grain.Settle();
        Assert.False(next.IsCompleted);
        scene.Open("long");
        Assert.Equal(1, await next);
    }

    [Fact]
    public async Task A_call_that_timed_out_in_the_queue_is_not_done_any_more()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<ITurnGrain>(key), Scene(key));
        var running = grain.Work("running");
        await scene.Noted("running in");
        await Assert.ThrowsAsync<TimeoutException>(() => grain.Work("queued"));
        await Assert.ThrowsAsync<TimeoutException>(() => running);
        scene.Open("running");
        await scene.Noted("running out");
        Assert.Equal(1, await grain.Quick(1));
        Assert.False(scene.Has("queued in"));
    }

    [Fact]
    public async Task A_time_out_does_not_cancel_the_token_of_the_grain()
    {
        var key = ContractSilo.NewKey();
        using var source = new CancellationTokenSource();
        await Assert.ThrowsAsync<TimeoutException>(() => Grains.GetGrain<IPatientGrain>(key).Ignore("long", source.Token));
        Scene(key).Open("long");
        await Scene(key).Noted("long ended uncancelled"); // CancelRequestOnTimeout is false by default
    }
}
