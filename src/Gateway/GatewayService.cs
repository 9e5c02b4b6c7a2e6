using Microsoft.Extensions.Hosting;
using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>Opens store, log and MQTT sessions, in that order, before any connection is taken, and closes them after the last one is gone.</summary>
public sealed class GatewayService(ITelemetryStore store, IntakeLog log, IngestPump pump, MqttBroker broker, GatewayOptions options, MappingService mappings) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var marks = await store.OpenAsync(cancellationToken);
        if (store is ISharedStore shared) options.Number = shared.GatewayNumber;
        log.Open(LogPosition.SequenceThrough(marks.Checkpoint));
        mappings.Load();
        pump.Start(marks, await store.ListDevicesAsync(cancellationToken));
        try
        {
            await broker.OpenSessionsAsync(options.SessionsFolder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new StoreUnavailableException(
                $"The folder of the MQTT sessions '{options.SessionsFolder}' cannot be used ({exception.Message}). Make it writable, or set Data to a folder that is.", exception);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        pump.Dispose();
        log.Dispose();
        return Task.CompletedTask;
    }
}
