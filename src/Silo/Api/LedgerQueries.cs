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
        var (fromMs, toMs, parts) = await SumAsync(from, to, device, static (_, _) => 0, cancellationToken);
        var sums = parts.GetValueOrDefault(0) ?? new();
        return new(
            ApiTime.At(fromMs), ApiTime.At(toMs), device, sums.Accepted, sums.Stored, sums.Duplicate, sums.LateCorrected, sums.Rejected, sums.Buffered, sums.Balance);
    }

    /// <summary>Hours, oldest first.</summary>
    /// <exception cref="TimeoutException">The platform did not come to rest in time; ask again.</exception>
    public async Task<LedgerRows> ByHourAsync(string? from, string? to, string? device, int limit, CancellationToken cancellationToken)
    {
        var (fromMs, toMs, parts) = await SumAsync(from, to, device, static (_, hourMs) => hourMs, cancellationToken);
        return new(ApiTime.At(fromMs), ApiTime.At(toMs), device, parts.Count, [.. parts.OrderBy(p => p.Key).Take(limit).Select(p => LedgerPart.From(p.Key, null, p.Value))]);
    }

    /// <summary>Devices: first those whose readings do not add up, then those with most rejections.</summary>
    /// <exception cref="TimeoutException">The platform did not come to rest in time; ask again.</exception>
    public async Task<LedgerRows> ByDeviceAsync(string? from, string? to, string? device, int limit, CancellationToken cancellationToken)
    {
        var (fromMs, toMs, parts) = await SumAsync(from, to, device, static (id, _) => id, cancellationToken);
        var first = parts.OrderByDescending(p => Math.Abs(p.Value.Balance)).ThenByDescending(p => p.Value.RejectedInAll).ThenBy(p => p.Key, StringComparer.Ordinal);
        return new(ApiTime.At(fromMs), ApiTime.At(toMs), device, parts.Count, [.. first.Take(limit).Select(p => LedgerPart.From(null, p.Key, p.Value))]);
    }

    private async Task<(long FromMs, long ToMs, Dictionary<TKey, LedgerSums> Parts)> SumAsync<TKey>(
        string? from, string? to, string? device, Func<string, long, TKey> partOf, CancellationToken cancellationToken)
        where TKey : notnull
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
                var parts = await closer.BetweenTicksAsync(() => pump.WhileIdleAsync(pending => SumAsync(pending, fromMs, toMs, device, partOf, limited.Token), limited.Token), limited.Token);
                // Of a sum that another process' commit has cut through, the balance is not zero; another try soon finds a gap between commits.
                if (closer.IsExact || parts.Values.Sum(p => p.Balance) == 0 || clock.GetElapsedTime(started) > s_patience / 2) return (fromMs, toMs, parts);
                await Task.Delay(s_retryDelay, clock, limited.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The ledger could not be read within 5 s because the store is busy; try again.");
        }
    }

    private async Task<Dictionary<TKey, LedgerSums>> SumAsync<TKey>(
        IngestLedger pending, long fromMs, long toMs, string? device, Func<string, long, TKey> partOf, CancellationToken cancellationToken)
        where TKey : notnull
    {
        if (pump.IsCatchingUp) throw new TimeoutException("The intake log is being replayed after a start; the ledger is complete again a few seconds after that.");
        if (closer.HasUnfinishedCommit) throw new TimeoutException("A commit is being repeated because the store refused it; the ledger is complete again afterwards.");
        var parts = new Dictionary<TKey, LedgerSums>();
        LedgerSums? Of(string id, long ms)
        {
            if (ms < fromMs || ms >= toMs || (device is not null && id != device)) return null;
            var key = partOf(id, ms - (ms % HourMs));
            if (!parts.TryGetValue(key, out var sums)) parts.Add(key, sums = new());
            return sums;
        }

        foreach (var row in await store.ReadLedgerAsync(fromMs, toMs, device, cancellationToken)) Of(row.DeviceId, row.HourMs)?.Add(row);
        foreach (var count in pending.PendingAccepted)
        {
            if (Of(count.DeviceId, count.HourMs) is { } sums) sums.Accepted += count.Readings;
        }

        foreach (var letter in pending.PendingDeadLetters.Concat(closer.PendingDeadLetters)) Of(letter.DeviceId, letter.CountedMs ?? letter.ArrivalMs)?.Reject(letter.Reason, letter.Readings);
        foreach (var (id, count) in await closer.BufferedAsync(device))
        {
            if (Of(id, count.HourMs) is { } sums) sums.Buffered += count.Readings;
        }

        return parts;
    }
}
