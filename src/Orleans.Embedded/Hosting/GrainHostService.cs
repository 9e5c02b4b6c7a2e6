using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>Drains the grains when the host stops. Added before the services that call grains, so that it stops after them.</summary>
internal sealed class GrainHostService(GrainRuntime runtime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => runtime.DrainAsync(cancellationToken);
}
