using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A silo that deactivates grains of one class when nobody has called them for 600 ms.</summary>
public sealed class ForgetfulSilo : SiloFixture
{
    public static readonly TimeSpan CollectionAge = TimeSpan.FromMilliseconds(600);

    protected override void Configure(ISiloBuilder silo) => silo.Services.Configure<GrainCollectionOptions>(o =>
    {
        o.CollectionQuantum = TimeSpan.FromMilliseconds(100);
        o.ClassSpecificCollectionAge[typeof(LifeGrain).FullName!] = CollectionAge;
    });
}
