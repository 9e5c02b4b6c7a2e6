using SmartCity.Contracts;

namespace SmartCity.Storage;

public sealed partial class SqliteStore
{
    private const int RowsPerRepair = 500;
    private const int SeriesPerStep = 4096;

    private readonly SemaphoreSlim _rolling = new(1, 1);
    private readonly System.Buffers.ArrayBufferWriter<byte> _rollupState = new(1024);

    /// <summary>
    /// Rolls up what has ended and corrects what has changed, in many short transactions, so that commits wait for none of them for long. Stopped at any
    /// point it goes on there.
    /// </summary>
    /// <param name="nowMs">The time; Unix milliseconds.</param>
    /// <param name="cancellationToken">Stops between two transactions.</param>
    /// <exception cref="StoreUnavailableException">The file cannot be written; what was done stays, the rest is done by the next call.</exception>
    public async Task RollUpAsync(long nowMs, CancellationToken cancellationToken)
    {
        await _rolling.WaitAsync(cancellationToken);
        try
        {
            for (var tier = 0; tier < _rollups?.Tiers.Count; tier++)
            {
                while (await RepairAsync(tier, cancellationToken) == RowsPerRepair)
                {
                }

                await BuildAsync(tier, nowMs, cancellationToken);
            }
        }
        finally
        {
            _rolling.Release();
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RolledWindow>> ReadRolledAsync(
        string deviceId, string metric, long fromMs, long toMs, TimeTier? tier, IReadOnlySet<long> open, CancellationToken cancellationToken) => ReadAsync(
            (deviceId, metric, fromMs, toMs, tier, open, _options.WindowSeconds),
            static (session, k) => RollupReader.Device(session, k.deviceId, k.metric, k.fromMs, k.toMs, k.tier, k.open, k.WindowSeconds),
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RolledWindow>> ReadRolledAreaAsync(
        string area, string kind, string metric, long fromMs, long toMs, TimeTier? tier, CancellationToken cancellationToken) => ReadAsync(
            (area, kind, metric, fromMs, toMs, tier, _options.WindowSeconds),
            static (session, k) => RollupReader.Area(session, k.area, k.kind, k.metric, k.fromMs, k.toMs, k.tier, k.WindowSeconds),
            cancellationToken);

    private async Task<int> RepairAsync(int tier, CancellationToken cancellationToken)
    {
        var (repaired, fits) = await WriteAsync(tier, Repair, cancellationToken);
        TellOutbox(fits);
        return repaired;

        (int Rows, bool? Fits) Repair(SqliteSession session, int t)
        {
            var (rollups, length) = (_rollups!, _rollups!.Tiers[t].LengthMs);
            var dirty = rollups.Dirty(t, RowsPerRepair);
            var built = new List<(SeriesKind, long, long StartMs, WindowAggregate)>();
            foreach (var (startMs, kind, series) in dirty)
            {
                if (RollupReader.Merge(session, kind, series, Below(t), startMs, startMs + length, OnCorrupt) is { } merged)
                {
                    rollups.Write(t, kind, series, startMs, StateOf(merged));
                    built.Add((kind, series, startMs, merged));
                }

                rollups.Clean(t, startMs, kind, series);
            }

            var lines = SendsTiers && built.Count > 0 ? RollupLines.Of(session, rollups.Tiers[t], built, _options.Influx!) : [];
            return (dirty.Count, AppendTier(lines, rollups.Tiers[t], built.Select(b => b.StartMs)));
        }
    }

    private bool SendsTiers => _options.Influx is { Enabled: true, Tiers: true };

    /// <returns>Whether the outbox had room; null when there was nothing to add.</returns>
    private bool? AppendTier(IReadOnlyList<LineChunk> lines, TimeTier tier, IEnumerable<long> starts) => lines.Count > 0 ? _outbox!.Append(lines, tier, starts) : null;

    // Behind the transaction: the pump would look too early.
    private void TellOutbox(bool? fits)
    {
        if (fits is { } hadRoom) Appended(hadRoom);
    }

    private async Task BuildAsync(int tier, long nowMs, CancellationToken cancellationToken)
    {
        var (rollups, length) = (_rollups!, _rollups!.Tiers[tier].LengthMs);
        var settled = tier == 0 ? nowMs - (_options.SettleSeconds * 1000L) : rollups.Done(tier - 1);
        if (settled == long.MinValue) return; // nothing below yet
        var limit = rollups.Tiers[tier].StartOf(settled);
        // First, so that no change can slip in between: what is committed from here on is noticed, what was before is seen below.
        if (limit > rollups.Begun(tier)) await WriteAsync(limit, (_, through) => BeginTier(tier, through), cancellationToken);
        while (await ReadAsync(rollups.Done(tier), (session, from) => RollupReader.NextStart(session, Below(tier), from), cancellationToken) is { } next && next < limit)
        {
            var start = rollups.Tiers[tier].StartOf(next);
            foreach (var kind in SeriesKind.All) await BuildAsync(tier, kind, start, start + length, cancellationToken);
            await WriteAsync(start + length, (_, through) => FinishTier(tier, through), cancellationToken);
        }

        if (limit > rollups.Done(tier)) await WriteAsync(limit, (_, through) => FinishTier(tier, through), cancellationToken);
    }

    private async Task BuildAsync(int tier, SeriesKind kind, long fromMs, long toMs, CancellationToken cancellationToken)
    {
        var last = await ReadAsync(kind, static (session, k) => RollupReader.MaxSeries(session, k), cancellationToken);
        for (var first = 1L; first <= last; first += SeriesPerStep)
        {
            // The lines are made here, so that commits need not wait for it.
            var (merged, lines) = await ReadAsync(
                first,
                (session, from) =>
                {
                    var rows = RollupReader.MergeMany(session, kind, from, SeriesPerStep, Below(tier), fromMs, toMs, OnCorrupt);
                    var built = rows.Select((aggregate, i) => (Kind: kind, Series: from + i, StartMs: fromMs, Aggregate: aggregate!)).Where(r => r.Aggregate is not null);
                    return (rows, SendsTiers ? RollupLines.Of(session, _rollups!.Tiers[tier], built, _options.Influx!) : []);
                },
                cancellationToken);
            if (Array.TrueForAll(merged, m => m is null)) continue;
            TellOutbox(await WriteAsync(
                (first, merged, lines),
                (_, rows) =>
                {
                    for (var i = 0; i < rows.merged.Length; i++)
                    {
                        if (rows.merged[i] is { } aggregate) _rollups!.Write(tier, kind, rows.first + i, fromMs, StateOf(aggregate));
                    }

                    return AppendTier(rows.lines, _rollups!.Tiers[tier], [fromMs]);
                },
                cancellationToken));
        }
    }

    private void OnCorrupt(SeriesKind kind, long series, InvalidDataException error) => StorageLog.RollupWithout(_logger, kind.Windows, series, error.Message);

    private TimeTier? Below(int tier) => tier == 0 ? null : _rollups!.Tiers[tier - 1];

    private bool BeginTier(int tier, long throughMs)
    {
        _rollups!.Begin(tier, throughMs);
        return true;
    }

    private bool FinishTier(int tier, long throughMs)
    {
        _rollups!.Finish(tier, throughMs);
        return true;
    }

    private ReadOnlySpan<byte> StateOf(WindowAggregate aggregate)
    {
        _rollupState.ResetWrittenCount();
        aggregate.WriteTo(_rollupState);
        return _rollupState.WrittenSpan;
    }

    /// <summary>Runs <paramref name="change"/> on the writing connection in a transaction of its own.</summary>
    private async Task<TResult> WriteAsync<TState, TResult>(TState state, Func<SqliteSession, TState, TResult> change, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var (database, result) = (Database, default(TResult)!);
            await Task.Run(() => InTransaction(database, state, s => result = change(database.Writer, s)), cancellationToken);
            return result;
        }
        finally
        {
            _writing.Release();
        }
    }
}
