using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Storage;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A silo with the memory store of the stack, one that the tests script, the one that outlives the process, and that one again behind faults.</summary>
public sealed class StoringSilo : SiloFixture
{
    public const string Memory = "memory";
    public const string Scripted = "scripted";
    public const string Durable = "durable";
    public const string Faulty = "faulty";

    private readonly DurableStore _durable = new();

    public static void AddStores(ISiloBuilder silo, DurableStore durable)
    {
        durable.AddTo(silo, Durable);
        silo.Services.AddKeyedSingleton<IGrainStorage>(Faulty, static (services, _) => new FaultyStorage(services.GetRequiredKeyedService<IGrainStorage>(Durable)));
        silo.AddMemoryGrainStorage(Memory);
        silo.Services.AddSingleton<ScriptedStorage>();
        silo.Services.AddKeyedSingleton<IGrainStorage>(Scripted, static (services, _) => services.GetRequiredService<ScriptedStorage>());
    }

    public override async ValueTask InitializeAsync()
    {
        await _durable.InitializeAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _durable.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override void Configure(ISiloBuilder silo) => AddStores(silo, _durable);
}
