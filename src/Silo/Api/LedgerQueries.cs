using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>Adds up the ledger over store, grains and gateway while nothing moves between them.</summary>
internal sealed class LedgerQueries(
    ITelemetryStore store, ICommitState closer, IngestPump pump, TimeProvider clock)
{
    private const long HourMs = 3_600_000;
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <exception cref="TimeoutException">The platform did not come to rest in time; ask again.</exception>
    public async Task<LedgerAnswer> ReadAsync(string? from, string? to, string? device, CancellationToken cancellationToken)
    {
        var (fromMs, toMs) = ApiTime.Range(from, to, TimeSpan.FromHours(24), clock);
        fromMs -= fromMs % HourMs;
        toMs = (toMs + HourMs - 1) / HourMs * HourMs;
        var started = clock.GetTimestamp();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(s_patience);
        try
        {
            while (true)
            {
                var answer = await closer.BetweenTicksAsync(() => pump.WhileIdleAsync(pending => SumAsync(pending, fromMs, toMs, device, limited.Token), limited.Token), limited.Token);
                // Of a sum that another process' commit has cut through, the balance is not zero; another try soon finds a gap between commits.
                if (answer.Balance == 0 || closer.IsExact || clock.GetElapsedTime(started) > s_patience / 2) return answer;
                await Task.Delay(s_retryDelay, clock, limited.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The ledger could not be read within 5 s because the store is busy; try again.");
        }
    }

    private async Task<LedgerAnswer> SumAsync(IngestLedger pending, long fromMs, long toMs, string? device, CancellationToken cancellationToken)
    {
        if (pump.IsCatchingUp) throw new TimeoutException("The intake log is being replayed after a start; the ledger is complete again a few seconds after that.");
        if (closer.HasUnfinishedCommit) throw new TimeoutException("A commit is being repeated because the store refused it; the ledger is complete again afterwards.");
        long accepted = 0, stored = 0, duplicate = 0, late = 0, buffered = 0;
        var rejected = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var row in await store.ReadLedgerAsync(fromMs, toMs, device, cancellationToken))
        {
            accepted += row.Accepted;
            stored += row.Stored;
            duplicate += row.Duplicate;
            late += row.LateCorrected;
            foreach (var (reason, readings) in row.Rejected) rejected[reason] = rejected.GetValueOrDefault(reason) + readings;
        }

        foreach (var count in pending.PendingAccepted)
        {
            if ((device is null || count.DeviceId == device) && count.HourMs >= fromMs && count.HourMs < toMs) accepted += count.Readings;
        }

        foreach (var letter in pending.PendingDeadLetters.Concat(closer.PendingDeadLetters))
        {
            var countedMs = letter.CountedMs ?? letter.ArrivalMs;
            if ((device is null || letter.DeviceId == device) && countedMs >= fromMs && countedMs < toMs)
                rejected[letter.Reason] = rejected.GetValueOrDefault(letter.Reason) + letter.Readings;
        }

        foreach (var count in await closer.BufferedAsync(device))
        {
            if (count.HourMs >= fromMs && count.HourMs < toMs) buffered += count.Readings;
        }

        var balance = accepted - stored - duplicate - late - rejected.Values.Sum() - buffered;
        return new(ApiTime.At(fromMs), ApiTime.At(toMs), device, accepted, stored, duplicate, late, rejected, buffered, balance);
    }
}
