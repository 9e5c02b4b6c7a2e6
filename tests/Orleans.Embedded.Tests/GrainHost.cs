using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using SmartCity.Tests;

namespace SmartCity.Orleans.Tests;

/// <summary>A grain host of a test's own, with its log.</summary>
internal sealed class GrainHost : IDisposable
{
    private readonly IHost _host;
    private readonly ListLogger<GrainRuntime> _logger = new();

    /// <param name="clock">What the host calls time; null for the real one.</param>
    public GrainHost(TimeProvider? clock = null, Action<IServiceCollection>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo => configure?.Invoke(silo.Services));
        builder.Services.AddLogging().AddSingleton<FragileGrain.Attempts>().AddSingleton<ILogger<GrainRuntime>>(_logger);
        if (clock is not null) builder.Services.AddSingleton(clock);
        _host = builder.Build();
    }

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Grains in memory.</summary>
    public long Active => _host.Services.GetRequiredService<GrainInsight>().Types().Sum(t => t.Active);

    public int Logged(int eventId) => LinesOf(eventId).Count();

    /// <summary>The newest line of an event.</summary>
    public string TextOf(int eventId) => LinesOf(eventId).Last();

    public IEnumerable<string> LinesOf(int eventId) => _logger.Entries.Where(e => e.Id == eventId).Select(e => e.Text);

    /// <summary>Waits until an event was logged so often, and gives the newest line of it.</summary>
    public async Task<string> LineAsync(int eventId, int times = 1)
    {
        await Eventually.IsTrue(() => Logged(eventId) >= times, $"event {eventId} to be logged {times} times");
        return TextOf(eventId);
    }

    public Task DrainAsync(CancellationToken cancellationToken) => _host.Services.GetRequiredService<GrainRuntime>().DrainAsync(cancellationToken);

    public void Dispose() => _host.Dispose();
}
