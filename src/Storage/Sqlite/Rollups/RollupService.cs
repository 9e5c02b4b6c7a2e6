using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Rolls up every few seconds what has ended and what has changed. A store that is away is asked again.</summary>
internal sealed class RollupService(SqliteStore store, TimeProvider clock, ILogger<RollupService>? logger = null) : BackgroundService
{
    private readonly ILogger _logger = (ILogger?)logger ?? NullLogger.Instance;
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await store.Opened.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(s_period, clock);
        var failing = false;
        do
        {
            try
            {
                await store.RollUpAsync(clock.GetUtcNow().ToUnixTimeMilliseconds(), stoppingToken);
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
