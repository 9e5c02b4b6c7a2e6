using Orleans;

namespace SmartCity.Orleans.Tests;

public interface INeedyGrain : IGrainWithStringKey
{
    Task Touch();
}

/// <summary>Wants a service that nobody registers.</summary>
public sealed class NeedyGrain(FragileGrain.Attempts registered, NeedyGrain.Tariff missing) : Grain, INeedyGrain
{
    public Task Touch() => Task.FromResult((registered, missing));

    public sealed class Tariff;
}
