using Orleans;

namespace SmartCity.Orleans.Tests;

/// <summary>Has no class.</summary>
public interface IOrphanGrain : IGrainWithStringKey
{
    Task Touch();
}
