namespace SmartCity.Silo;

/// <summary>Opens the shared store in a process that hosts grains, before the first of them asks it.</summary>
internal sealed class StoreOpener(ITelemetryStore store) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => store.OpenAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
