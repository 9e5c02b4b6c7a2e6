using SmartCity.Tests;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Short names for the silo of the tests and its scenes.</summary>
public abstract class ContractTests(SiloFixture fixture)
{
    protected IGrainFactory Grains => fixture.Silo.Grains;

    protected IServiceProvider Services => fixture.Silo.Services;

    protected Scene Scene(string key) => fixture.Silo.Scene(key);

    /// <exception cref="TimeoutException">The task did not end; the message names it.</exception>
    protected static Task<T> Within<T>(Task<T> task, string awaited) => Eventually.Within(task, awaited);

    /// <exception cref="TimeoutException">The task did not end; the message names it.</exception>
    protected static Task Within(Task task, string awaited) => Eventually.Within(task, awaited);
}
