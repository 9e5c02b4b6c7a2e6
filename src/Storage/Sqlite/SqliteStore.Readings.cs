using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Readings as they were measured.</summary>
public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public Task<ReadingPage> ReadReadingsAsync(ReadingQuery query, CancellationToken cancellationToken) =>
        ReadAsync((query, _options.WindowSeconds), static (session, k) => ReadingTable.Read(session, k.query, k.WindowSeconds), cancellationToken);

    /// <summary>Lines of everything in a commit that goes to InfluxDB.</summary>
    private IReadOnlyList<LineChunk> LinesOf(IReadOnlyList<DeviceWindow> windows, IReadOnlyList<AreaWindow> areas, List<ReadingBlock> readings, InfluxOptions influx)
    {
        var chunks = LineProtocol.Chunks(windows, areas, influx);
        return _options.Raw.InInflux && readings.Count > 0 ? [.. chunks, .. LineProtocol.Chunks(readings, influx)] : chunks;
    }

    /// <summary>Blocks are stored here when they are to stay, and while the outbox is full: their lines are then made from them, as those of windows are.</summary>
    private void WriteReadings(StoreCommit commit, bool fits)
    {
        if (commit.Readings.Count > 0 && (_options.Raw.InSqlite || (_options.Raw.InInflux && !fits))) _writer!.Write(commit.Readings, _options.Raw.InSqlite);
    }

    private async Task<long> DeleteReadingsAsync(long nowMs, CancellationToken cancellationToken)
    {
        var (raw, deleted) = (_options.Raw, 0L);
        if (raw.KeepDays > 0) deleted = await DeleteReadingsAsync(Before(nowMs, raw.KeepDays), false, cancellationToken);
        // What did not fit into the outbox stays until its lines are out of it again, so that a reader finds it here or there.
        if (raw is { InInflux: true, InSqlite: false }) deleted += await DeleteReadingsAsync(await Outbox.FirstStartAsync(cancellationToken), true, cancellationToken);
        return deleted;
    }

    private async Task<long> DeleteReadingsAsync(long beforeMs, bool sent, CancellationToken cancellationToken)
    {
        long deleted = 0;
        var last = await ReadAsync(0, static (session, _) => RollupReader.MaxSeries(session, SeriesKind.Device), cancellationToken);
        for (var after = -1L; await ReadAsync(after, static (session, a) => ReadingTable.Next(session, a), cancellationToken) is { } start && start * 1000 < beforeMs; after = start)
        {
            for (var first = 0L; first <= last; first += SeriesPerStep)
            {
                // Unless they are still to be sent to InfluxDB: nothing else has them then.
                deleted += await WriteAsync(
                    (start, first, sent),
                    static (session, k) => OutboxTable.Waits(session, k.start * 1000) ? 0 : ReadingTable.Delete(session, k.start, k.first, k.first + SeriesPerStep, k.sent),
                    cancellationToken);
            }
        }

        return deleted;
    }
}
