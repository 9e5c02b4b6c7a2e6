using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace SmartCity.Orleans.Tests;

internal sealed class GrainHost : IDisposable
{
    private readonly IHost _host;

    public GrainHost()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.UseOrleans();
        builder.Services.AddSingleton<FragileGrain.Attempts>();
        _host = builder.Build();
    }

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public void Dispose() => _host.Dispose();
}
