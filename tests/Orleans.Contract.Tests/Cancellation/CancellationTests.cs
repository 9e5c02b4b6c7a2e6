namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A token given to a call reaches the grain, and ends the wait of the caller.</summary>
public sealed class CancellationTests(SharedSilo silo) : ContractTests(silo)
{
    [Fact]
    public async Task Cancelling_cancels_the_token_of_the_grain_and_the_call()
    {
        var key = ContractSilo.NewKey();
        using var source = new CancellationTokenSource();
        var call = Grains.GetGrain<IPatientGrain>(key).Wait("wait", source.Token);
        await Scene(key).Noted("wait in");
        Assert.False(call.IsCompleted);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within(call, "the cancelled call"));
        await Scene(key).Noted("wait cancelled");
    }

    [Fact]
    public async Task Cancelling_cancels_a_value_task_with_a_result()
    {
        var key = ContractSilo.NewKey();
        using var source = new CancellationTokenSource();
        var call = Grains.GetGrain<IPatientGrain>(key).WaitForResult("wait", source.Token).AsTask();
        await Scene(key).Noted("wait in");
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within(call, "the cancelled call"));
        await Scene(key).Noted("wait cancelled");
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_of_the_caller_although_the_grain_goes_on()
    {
        var key = ContractSilo.NewKey();
        using var source = new CancellationTokenSource();
        var call = Grains.GetGrain<IPatientGrain>(key).Ignore("work", source.Token);
        await Scene(key).Noted("work in");
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within(call, "the cancelled call"));
        Assert.False(Scene(key).Has("work out"));
        await Scene(key).Noted("work cancelled");
        Scene(key).Open("work");
        await Scene(key).Noted("work out");
        Assert.False(await Grains.GetGrain<IPatientGrain>(key).IsCancelled(CancellationToken.None));
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_keeps_the_grain_from_being_called()
    {
        var key = ContractSilo.NewKey();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Within(Grains.GetGrain<IPatientGrain>(key).Ignore("work", new CancellationToken(canceled: true)), "the cancelled call"));
        await Grains.GetGrain<IPatientGrain>(key).Settle();
        Assert.Empty(Scene(key).Notes);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_in_the_queue_is_not_done()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<IPatientGrain>(key), Scene(key));
        using var source = new CancellationTokenSource();
        var running = grain.Ignore("running", CancellationToken.None);
        await scene.Noted("running in");
        var watch = grain.Watch("watch", source.Token); // sees when the cancellation has come to the grain: it travels as a message of its own
        await scene.Noted("watch in");
        var queued = grain.Ignore("queued", source.Token);
        await grain.Settle();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within(queued, "the call in the queue"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within(watch, "the watching call"));
        await scene.Noted("watch cancelled");
        await grain.Settle();
        scene.Open("running");
        Assert.False(await running);
        Assert.False(await grain.IsCancelled(CancellationToken.None)); // comes behind it
        Assert.False(scene.Has("queued in"));
    }

    [Fact]
    public async Task Cancelling_goes_through_a_chain_of_grains()
    {
        var key = ContractSilo.NewKey();
        using var source = new CancellationTokenSource();
        var call = Grains.GetGrain<IPatientGrain>(key).WaitThere($"{key}-other", "wait", source.Token);
        await Scene($"{key}-other").Noted("wait in");
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within(call, "the cancelled call"));
        await Scene($"{key}-other").Noted("wait cancelled");
    }

    [Fact]
    public async Task Cancelling_one_call_cancels_no_other()
    {
        var key = ContractSilo.NewKey();
        using var source = new CancellationTokenSource();
        using var other = new CancellationTokenSource();
        var call = Grains.GetGrain<IPatientGrain>(key).Wait("wait", source.Token);
        var kept = Grains.GetGrain<IPatientGrain>($"{key}-other").Ignore("kept", other.Token);
        await Scene(key).Noted("wait in");
        await Scene($"{key}-other").Noted("kept in");
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within(call, "the cancelled call"));
        Scene($"{key}-other").Open("kept");
        Assert.False(await Within(kept, "the other call"));
    }

    [Fact]
    public async Task Cancelling_after_the_end_changes_nothing()
    {
        var grain = Grains.GetGrain<IPatientGrain>(ContractSilo.NewKey());
        using var source = new CancellationTokenSource();
        var call = grain.IsCancelled(source.Token);
        Assert.False(await call);
        await source.CancelAsync();
        Assert.True(call.IsCompletedSuccessfully);
        Assert.False(await grain.IsCancelled(CancellationToken.None));
    }

    [Fact]
    public async Task A_grain_that_gives_up_by_itself_cancels_the_call()
    {
        var call = Grains.GetGrain<IPatientGrain>(ContractSilo.NewKey()).CancelByItself();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within(call, "the call"));
        Assert.Equal("not today", error.Message);
    }
}
