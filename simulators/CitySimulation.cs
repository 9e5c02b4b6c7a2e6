namespace SmartCity.Simulators;

public sealed class CityOptions;

public sealed class CitySimulation(CityOptions options, TimeProvider clock)
{
    public Task RunAsync(Uri endpoint, CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken).WaitAsync(cancellationToken).ContinueWith(_ => options, TaskScheduler.Default);
}
