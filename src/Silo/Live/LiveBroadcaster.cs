using Microsoft.AspNetCore.SignalR;
using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>Sends the live events. A group whose last send has not ended is passed over, so a slow browser slows nobody and queues nothing.</summary>
internal sealed partial class LiveBroadcaster(
    LiveFeed feed, OverviewSampler sampler, IHubContext<LiveHub> hub, TimeProvider clock, ILogger<LiveBroadcaster> logger) : BackgroundService
{
    private static readonly TimeSpan s_readingInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_overviewInterval = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RepeatAsync(s_overviewInterval, SendOverviewAsync, stoppingToken),
        RepeatAsync(s_overviewInterval, SendMapAsync, stoppingToken),
        RepeatAsync(s_readingInterval, SendReadingsAsync, stoppingToken));

    private Task SendOverviewAsync(CancellationToken cancellationToken) =>
        hub.Clients.Group(LiveHub.OverviewGroup).SendAsync("overview", sampler.Sample(), cancellationToken);

    private async Task SendMapAsync(CancellationToken cancellationToken)
    {
        var points = sampler.SampleMap();
        if (points.Count > 0) await hub.Clients.Group(LiveHub.MapGroup).SendAsync("map", new { points }, cancellationToken);
    }

    private async Task SendReadingsAsync(CancellationToken cancellationToken)
    {
        foreach (var reading in feed.Take())
            await hub.Clients.Group(LiveHub.DeviceGroup(reading.Device)).SendAsync("reading", reading, cancellationToken);
    }

    private async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, Task> send, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await send(stoppingToken);
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
