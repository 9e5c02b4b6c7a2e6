using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using SmartCity.Tests;

namespace SmartCity.Orleans.Tests;

internal sealed class GrainHost : IDisposable
{
    private readonly IHost _host;
    private readonly ListLogger<GrainRuntime> _logger = new();

    public GrainHost()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans();
        builder.Services.AddLogging().AddSingleton<FragileGrain.Attempts>().AddSingleton<ILogger<GrainRuntime>>(_logger);
        _host = builder.Build();
    }

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public int Logged(int eventId) => _logger.Entries.Count(e => e.Id == eventId);

    public void Dispose() => _host.Dispose();
}
