using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Storage;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A silo with two stores: the memory store of the stack, and one that the tests script.</summary>
public sealed class StoringSilo : SiloFixture
{
    public const string Memory = "memory";
    public const string Scripted = "scripted";

    public static void AddStores(ISiloBuilder silo)
    {
        silo.AddMemoryGrainStorage(Memory);
        silo.Services.AddSingleton<ScriptedStorage>();
        silo.Services.AddKeyedSingleton<IGrainStorage>(Scripted, static (services, _) => services.GetRequiredService<ScriptedStorage>());
    }

    protected override void Configure(ISiloBuilder silo) => AddStores(silo);
}
