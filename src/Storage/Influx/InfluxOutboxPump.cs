using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SmartCity.Storage;

/// <summary>
/// Sends the outbox to InfluxDB, oldest chunk first, one at a time, and takes a chunk out only after the server has it. While the server is
/// away the chunks stay, also over a restart, and everything else goes on.
/// </summary>
internal sealed class InfluxOutboxPump(
    IOutbox outbox, ILineProtocolClient client, InfluxOptions options, InfluxOutboxStatus status, TimeProvider time, ILogger<InfluxOutboxPump>? logger = null)
    : BackgroundService
{
    private readonly ILogger _logger = (ILogger?)logger ?? NullLogger.Instance;
    private readonly LineSender _sender = new(client, outbox.ConfirmAsync);
    private readonly Backoff _backoff = new(options.MinRetryDelay, options.MaxRetryDelay);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true) await StepAsync(stoppingToken);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop: what was not sent is in the store.
        }
    }

    private async Task StepAsync(CancellationToken stoppingToken)
    {
        TimeSpan wait;
        try
        {
            await outbox.BeginAsync(stoppingToken);
            var chunk = await outbox.OldestAsync(stoppingToken);
            if (chunk is null)
            {
                await outbox.ChangedAsync(stoppingToken);
                return;
            }

            var report = await _sender.SendAsync(chunk.Body, chunk.Lines, stoppingToken);
            if (report.Sent)
            {
                await CompleteAsync(chunk, report, stoppingToken);
                return;
            }

            if (status.Reachable != false) StorageLog.InfluxUnreachable(_logger, options.Url!, report.Message);
            wait = _backoff.Next(report.RetryAfter);
            status.Kept(report.Message);
            StorageTelemetry.InfluxRetries.Add(1);
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            // The store may be away, or its disk full, for a while. Sending a chunk again does no harm, so the loop simply goes on.
            StorageLog.OutboxFailed(_logger, error);
            wait = _backoff.Next(null);
        }

        await Task.Delay(wait, time, stoppingToken);
    }

    private async Task CompleteAsync(OutboxChunk chunk, SendReport report, CancellationToken stoppingToken)
    {
        foreach (var reject in report.Rejected) StorageLog.InfluxRejected(_logger, reject.Lines, reject.Message, reject.Sample);
        await outbox.CompleteAsync(chunk, time.GetUtcNow().ToUnixTimeMilliseconds(), report.Rejected, stoppingToken);
        if (status.Reachable == false) StorageLog.InfluxBack(_logger, options.Url!, outbox.Size.Chunks);
        _backoff.Reset();
        status.Sent(report.Rejected.Sum(r => r.Lines));
    }
}
