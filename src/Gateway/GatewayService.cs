using Microsoft.Extensions.Hosting;

namespace SmartCity.Gateway;

/// <summary>Opens store and log, in that order, before any connection is taken, and closes them after the last one is gone.</summary>
public sealed class GatewayService(ITelemetryStore store, IntakeLog log, IngestPump pump) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var marks = await store.OpenAsync(cancellationToken);
        log.Open(LogPosition.SequenceThrough(marks.Checkpoint));
        pump.Start(marks, await store.ListDevicesAsync(cancellationToken));
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        pump.Dispose();
        log.Dispose();
        return Task.CompletedTask;
    }
}
