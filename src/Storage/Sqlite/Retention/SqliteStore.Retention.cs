using SmartCity.Contracts;

namespace SmartCity.Storage;

public sealed partial class SqliteStore
{
    private const long DayMs = 86_400_000;

    /// <summary>A reading is taken up to <see cref="RetentionOptions.WindowDays"/> before its arrival; one that has waited in the log meanwhile must find its window too.</summary>
    private const int SpareDays = 3;

    /// <summary>Deletes what is older than the options say, in many short transactions, so that commits wait for none of them for long. The space is used again.</summary>
    /// <returns>Rows deleted.</returns>
    /// <param name="nowMs">The time; Unix milliseconds.</param>
    /// <param name="cancellationToken">Stops between two transactions; the rest is deleted by the next call.</param>
    public async Task<long> DeleteOldAsync(long nowMs, CancellationToken cancellationToken)
    {
        var retention = _options.Retention;
        long deleted = 0;
        await _rolling.WaitAsync(cancellationToken); // a row is built from what is below it
        try
        {
            if (retention.WindowDays > 0) deleted += await DeleteWindowsAsync(Before(nowMs, retention.WindowDays + SpareDays), cancellationToken);
            foreach (var tier in _rollups!.Tiers)
            {
                var days = tier == TimeTier.Quarter ? retention.QuarterDays : tier == TimeTier.Hour ? retention.HourDays : retention.DayDays;
                if (days > 0) deleted += await DeleteTierAsync(tier, Before(nowMs, days + SpareDays + 1), cancellationToken);
            }

            deleted += await DeleteReadingsAsync(nowMs, cancellationToken);
            if (retention.LedgerDays > 0) deleted += await DeleteLedgerAsync(Before(nowMs, retention.LedgerDays + SpareDays + 1), cancellationToken);
        }
        finally
        {
            _rolling.Release();
        }

        return deleted;
    }

    private static long Before(long nowMs, int days) => TimeTier.Day.StartOf(nowMs - (days * DayMs));

    private async Task<long> DeleteWindowsAsync(long beforeMs, CancellationToken cancellationToken)
    {
        // Only what is in the tiers above: a tier that is behind holds the windows back.
        if (_rollups!.Tiers.Count > 0) beforeMs = Math.Min(beforeMs, _rollups.Done(_rollups.Tiers.Count - 1));
        long deleted = 0;
        while (await ReadAsync(beforeMs, static (session, before) => OldestStart(session, "window_start WHERE start < ?1", before), cancellationToken) is { } oldest)
        {
            foreach (var kind in SeriesKind.All)
            {
                if (await DeleteRowsAsync(kind.Windows, kind, oldest, cancellationToken) is not { } rows) return deleted;
                deleted += rows;
            }

            await WriteAsync(
                oldest,
                (session, start) =>
                {
                    // Unless somebody has written a window of it just now; then it is this start's turn again.
                    session["DELETE FROM window_start WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM device_window WHERE id >= ?1 << 32 AND id < (?1 + 1) << 32) "
                        + "AND NOT EXISTS (SELECT 1 FROM area_window WHERE id >= ?1 << 32 AND id < (?1 + 1) << 32)"].Bind(1, start.Id).Run();
                    _writer!.ForgetStart(start.StartMs);
                    return true;
                },
                cancellationToken);
        }

        return deleted;
    }

    private async Task<long> DeleteTierAsync(TimeTier tier, long beforeMs, CancellationToken cancellationToken)
    {
        long deleted = 0;
        while (await ReadAsync((beforeMs, tier), static (session, k) => OldestStart(session, "rollup_start WHERE start < ?1 AND tier = ?2", k.beforeMs, k.tier.LengthMs), cancellationToken) is { } oldest)
        {
            foreach (var kind in SeriesKind.All)
            {
                if (await DeleteRowsAsync(kind.Rollups, kind, oldest, cancellationToken) is not { } rows) return deleted;
                deleted += rows;
            }

            await WriteAsync(
                oldest,
                (session, start) =>
                {
                    session["DELETE FROM rollup_start WHERE id = ?1"].Bind(1, start.Id).Run();
                    _rollups!.ForgetStart(tier, start.StartMs);
                    return true;
                },
                cancellationToken);
        }

        return deleted;
    }

    private async Task<long> DeleteLedgerAsync(long beforeMs, CancellationToken cancellationToken)
    {
        long deleted = 0;
        foreach (var table in (string[])["ledger", "rejected"])
        {
            while (await ReadAsync((table, beforeMs), static (session, k) => Hour(session, k.table, k.beforeMs), cancellationToken) is { } hour)
            {
                deleted += await WriteAsync(
                    (table, hour),
                    static (session, k) =>
                    {
                        session[$"DELETE FROM {k.table} WHERE hour = ?1"].Bind(1, k.hour).Run();
                        return session.Scalar("SELECT changes()");
                    },
                    cancellationToken);
            }
        }

        return deleted;
    }

    /// <summary>
    /// The rows of one start, a range of series at a time; null when a change has not reached the rows above it yet, which would then be built from what is left.
    /// </summary>
    private async Task<long?> DeleteRowsAsync(string table, SeriesKind kind, (long Id, long StartMs) start, CancellationToken cancellationToken)
    {
        var last = await ReadAsync(kind, static (session, k) => RollupReader.MaxSeries(session, k), cancellationToken);
        long deleted = 0;
        for (var first = 0L; first <= last; first += SeriesPerStep)
        {
            var rows = await WriteAsync(
                (table, From: (start.Id << 32) | first, To: (start.Id << 32) | (first + SeriesPerStep), start.StartMs),
                static (session, k) =>
                {
                    if (RollupTable.IsChanging(session, k.StartMs)) return (long?)null;
                    session[$"DELETE FROM {k.table} WHERE id >= ?1 AND id < ?2"].Bind(1, k.From).Bind(2, k.To).Run();
                    return session.Scalar("SELECT changes()");
                },
                cancellationToken);
            if (rows is null) return null;
            deleted += rows.Value;
        }

        return deleted;
    }

    private static (long Id, long StartMs)? OldestStart(SqliteSession session, string from, long beforeMs, long? tier = null)
    {
        var select = session[$"SELECT id, start FROM {from} ORDER BY start LIMIT 1"].Bind(1, beforeMs);
        if (tier is { } length) select.Bind(2, length);
        (long, long)? oldest = select.Step() ? (select.Int64(0), select.Int64(1)) : null;
        select.Reset();
        return oldest;
    }

    private static long? Hour(SqliteSession session, string table, long beforeMs)
    {
        var select = session[$"SELECT min(hour) FROM {table} WHERE hour < ?1"].Bind(1, beforeMs);
        long? hour = select.Step() && !select.IsNull(0) ? select.Int64(0) : null;
        select.Reset();
        return hour;
    }
}
