using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>Sends the live events, each browser at its own pace (<see cref="LiveSubscribers"/>).</summary>
internal sealed partial class LiveBroadcaster(
    LiveFeed feed, OverviewSampler sampler, LiveSubscribers subscribers, TimeProvider clock, ILogger<LiveBroadcaster> logger) : BackgroundService
{
    private static readonly TimeSpan s_readingInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_overviewInterval = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RepeatAsync(s_overviewInterval, SendOverview, stoppingToken),
        RepeatAsync(s_readingInterval, SendReadings, stoppingToken));

    private void SendOverview(CancellationToken cancellationToken)
    {
        // Sampled even when nobody watches, so that the first one who does sees rates and means at once.
        subscribers.Send(LiveHub.OverviewTopic, "overview", sampler.Sample(), cancellationToken);
        var points = sampler.SampleMap();
        if (points.Count > 0) subscribers.Send(LiveHub.MapTopic, "map", new { points }, cancellationToken);
    }

    private void SendReadings(CancellationToken cancellationToken)
    {
        subscribers.SendMissed(cancellationToken);
        foreach (var reading in feed.Take()) subscribers.SendReading(LiveHub.DeviceTopic(reading.Device), reading, cancellationToken);
    }

    private async Task RepeatAsync(TimeSpan interval, Action<CancellationToken> send, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                send(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(7001, LogLevel.Warning, "A live update could not be sent; the next one follows.")]
    private partial void LogFailed(Exception exception);
}
