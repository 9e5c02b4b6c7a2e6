using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A silo in which no call takes longer than a second.</summary>
public sealed class ImpatientSilo : SiloFixture
{
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(1);

    protected override void Configure(ISiloBuilder silo) => silo.Services.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = ResponseTimeout);
}
