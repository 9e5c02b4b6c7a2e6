namespace SmartCity.Mqtt.Tests;

/// <summary>Waiting for a group commit.</summary>
public sealed class CommitWaitersTests
{
    [Fact]
    public async Task Waiters_complete_in_order_and_only_those_that_are_durable()
    {
        var waiters = new CommitWaiters();
        var waits = Enumerable.Range(1, 10).Select(n => waiters.WaitAsync(n).AsTask()).ToArray();
        waiters.Release(0);
        Assert.DoesNotContain(waits, w => w.IsCompleted);
        waiters.Release(4);
        await Task.WhenAll(waits[..4]).Within("the first four");
        Assert.DoesNotContain(waits[4..], w => w.IsCompleted);
        Assert.True(waiters.WaitAsync(3).AsTask().IsCompletedSuccessfully);
        waiters.Release(10);
        await Task.WhenAll(waits).Within("all waiters");
    }

    [Fact]
    public async Task Waiting_is_safe_under_load()
    {
        var waiters = new CommitWaiters();
        var (issued, released) = (0L, 0L);
        var tasks = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var sequence = Interlocked.Increment(ref issued);
                await waiters.WaitAsync(sequence);
                Assert.True(sequence <= Volatile.Read(ref released));
            }
        })).ToArray();
        var all = Task.WhenAll(tasks);
        while (!all.IsCompleted)
        {
            var through = Volatile.Read(ref issued);
            Volatile.Write(ref released, through);
            waiters.Release(through);
        }

        await all;
    }
}
