using SmartCity.Simulators;

namespace SmartCity.Silo;

/// <summary>Runs the simulated city against our own MQTT listener: the same path that real devices take.</summary>
internal sealed class DemoService(SiloOptions options, TimeProvider clock, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(stoppingToken);
        await new CitySimulation(new CityOptions(), clock).RunAsync(new Uri($"mqtt://{options.Mqtt.PlainAddresses[0]}:{options.MqttPort}"), stoppingToken);
    }
}
