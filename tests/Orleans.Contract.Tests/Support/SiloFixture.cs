using Orleans.Hosting;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A silo that the tests of one class, or of all, share.</summary>
public abstract class SiloFixture : IAsyncLifetime
{
    private ContractSilo? _silo;

    public ContractSilo Silo => _silo!;

    public virtual async ValueTask InitializeAsync() => _silo = await ContractSilo.Start(Configure);

    public virtual async ValueTask DisposeAsync()
    {
        await Silo.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected virtual void Configure(ISiloBuilder silo)
    {
    }
}
