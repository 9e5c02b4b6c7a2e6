using Orleans;
using Orleans.Runtime;

namespace SmartCity.Orleans.Tests;

public interface IHomelessGrain : IGrainWithStringKey
{
    Task<int> Count();
}

/// <summary>Keeps its state where there is no storage.</summary>
public sealed class HomelessGrain([PersistentState("visits", "nosuch")] IPersistentState<int> visits) : Grain, IHomelessGrain
{
    public Task<int> Count() => Task.FromResult(visits.State);
}
