namespace SmartCity.Mqtt.Tests;

/// <summary>A semaphore whose waiting thread sleeps at once.</summary>
public sealed class QuietSemaphoreTests
{
    [Fact]
    public void Units_that_are_there_are_taken_without_waiting()
    {
        var semaphore = new QuietSemaphore(2);
        Assert.Equal(2, semaphore.Count);
        semaphore.Wait(CancellationToken.None);
        Assert.True(semaphore.TryWait());
        Assert.False(semaphore.TryWait());
        Assert.Equal(0, semaphore.Count);
    }

    [Fact]
    public async Task A_wait_ends_with_its_token()
    {
        var semaphore = new QuietSemaphore(0);
        using var ending = new CancellationTokenSource();
        var waiting = Task.Run(() => semaphore.Wait(ending.Token));
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Within("the wait to end"));
        Assert.Throws<OperationCanceledException>(() => semaphore.Wait(ending.Token));
        semaphore.Release();
        semaphore.Wait(ending.Token); // what is there is given out all the same
        Assert.Equal(0, semaphore.Count);
    }

    [Fact]
    public async Task Each_unit_lets_one_waiter_through_and_none_is_lost_between_threads()
    {
        const int Each = 50_000;
        var semaphore = new QuietSemaphore(0);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var takers = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < Each; i++) semaphore.Wait(patience.Token);
            },
            patience.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        var givers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++) semaphore.Release();
        })).ToArray();
        await Task.WhenAll([.. takers, .. givers]);
        Assert.Equal(0, semaphore.Count);
    }
}
