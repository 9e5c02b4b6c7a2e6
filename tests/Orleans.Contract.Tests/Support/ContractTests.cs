namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Short names for the silo of the tests and its scenes.</summary>
public abstract class ContractTests(SiloFixture fixture)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    protected IGrainFactory Grains => fixture.Silo.Grains;

    protected IServiceProvider Services => fixture.Silo.Services;

    protected Scene Scene(string key) => fixture.Silo.Scene(key);

    /// <exception cref="TimeoutException">The task did not end; the message names it.</exception>
    protected static async Task<T> Within<T>(Task<T> task, string awaited)
    {
        await Within((Task)task, awaited);
        return await task;
    }

    /// <exception cref="TimeoutException">The task did not end; the message names it.</exception>
    protected static async Task Within(Task task, string awaited)
    {
        if (await Task.WhenAny(task, Task.Delay(s_limit)) != task) throw new TimeoutException($"Waited {s_limit.TotalSeconds} s for: {awaited}.");
        await task;
    }
}
