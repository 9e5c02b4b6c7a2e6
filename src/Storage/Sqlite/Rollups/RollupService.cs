using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SmartCity.Storage;

/// <summary>Rolls up every few seconds what has ended and what has changed, deletes every hour what is too old, and gives its space back. A store that is away is asked again.</summary>
internal sealed class RollupService(SqliteStore store, TimeProvider clock, ILogger<RollupService>? logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_retentionPeriod = TimeSpan.FromHours(1);

    private readonly ILogger _logger = (ILogger?)logger ?? NullLogger.Instance;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await store.Opened.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(s_period, clock);
        var failing = false;
        // Not at once: after a start the intake log is replayed first.
        var nextDeletion = clock.GetUtcNow() + (s_retentionPeriod / 4);
        do
        {
            try
            {
                await store.RollUpAsync(clock.GetUtcNow().ToUnixTimeMilliseconds(), stoppingToken);
                if (clock.GetUtcNow() >= nextDeletion)
                {
                    if (await store.DeleteOldAsync(clock.GetUtcNow().ToUnixTimeMilliseconds(), stoppingToken) is > 0 and var rows) StorageLog.DeletedOld(_logger, rows);
                    if (await store.ShrinkAsync(stoppingToken) is > 0 and var bytes) StorageLog.GaveSpaceBack(_logger, bytes >> 20);
                    nextDeletion = clock.GetUtcNow() + s_retentionPeriod;
                }

                failing = false;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                if (!failing) StorageLog.RollupFailed(_logger, error);
                failing = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
