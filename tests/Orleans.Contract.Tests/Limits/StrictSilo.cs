using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A silo in which few calls may wait for one grain.</summary>
public sealed class StrictSilo : SiloFixture
{
    public const int HardLimit = 20;

    protected override void Configure(ISiloBuilder silo) => silo.Services.Configure<SiloMessagingOptions>(o => o.MaxEnqueuedRequestsHardLimit = HardLimit);
}
