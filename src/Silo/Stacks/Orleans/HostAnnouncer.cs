using SmartCity.Grains;

namespace SmartCity.Silo;

/// <summary>Asks for the grain of this host's own name from this host, so that it is placed here before any gateway asks for it.</summary>
internal sealed class HostAnnouncer(IGrainFactory grains, GrainHostName host) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken) => await grains.GetGrain<IHostGrain>(host.Value).GetBuffered(string.Empty);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
