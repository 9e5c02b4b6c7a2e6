using Microsoft.Data.Sqlite;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>The side of the store that the outbox pump uses.</summary>
public sealed partial class SqliteStore : IOutbox
{
    private readonly SemaphoreSlim _outboxChanged = new(0);

    /// <summary>Completes when the store is open.</summary>
    internal Task Opened => _opened.Task;

    /// <summary>What waits for InfluxDB.</summary>
    internal IOutbox Outbox => this;

    /// <inheritdoc/>
    (long Chunks, long Bytes, long Starts) IOutbox.Size => _outbox is { } outbox ? (outbox.Chunks, outbox.Bytes, outbox.Starts) : default;

    /// <inheritdoc/>
    /// <remarks>The file belongs to one process.</remarks>
    async ValueTask<long> IOutbox.BeginAsync(CancellationToken cancellationToken)
    {
        await _opened.Task.WaitAsync(cancellationToken);
        return 1;
    }

    /// <inheritdoc/>
    Task IOutbox.ConfirmAsync(long reign, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    Task<IReadOnlyList<RejectedLines>> IOutbox.ReadRejectsAsync(CancellationToken cancellationToken) =>
        ReadAsync(0, static (session, _) => OutboxTable.ReadRejects(session), cancellationToken);

    /// <inheritdoc/>
    async Task IOutbox.ChangedAsync(CancellationToken cancellationToken)
    {
        await _outboxChanged.WaitAsync(cancellationToken);
        while (_outboxChanged.Wait(0, CancellationToken.None))
        {
        }
    }

    /// <inheritdoc/>
    Task<(long First, long Last)> IOutbox.RangeAsync(CancellationToken cancellationToken) =>
        ReadAsync(0, static (session, _) => OutboxTable.ReadRange(session), cancellationToken);

    /// <inheritdoc/>
    Task<(long Id, long StartMs)> IOutbox.LastAsync(CancellationToken cancellationToken) =>
        ReadAsync(0, static (session, _) => OutboxTable.ReadLast(session), cancellationToken);

    /// <inheritdoc/>
    Task<long> IOutbox.FirstStartAsync(CancellationToken cancellationToken) =>
        ReadAsync(0, static (session, _) => OutboxTable.ReadFirstStart(session), cancellationToken);

    /// <inheritdoc/>
    Task<OutboxChunk?> IOutbox.OldestAsync(long afterId, CancellationToken cancellationToken) =>
        ReadAsync(afterId, static (session, after) => OutboxTable.ReadOldest(session, after), cancellationToken);

    /// <inheritdoc/>
    Task IOutbox.CompleteAsync(OutboxChunk chunk, LineChunk? rest, long nowMs, IReadOnlyList<RejectedLines> rejected, CancellationToken cancellationToken) =>
        ChangeAsync(
            database => InTransaction(database, (Outbox: _outbox!, chunk, rest, nowMs, rejected), static state =>
            {
                if (state.rest is null) state.Outbox.Delete(state.chunk);
                else state.Outbox.Replace(state.chunk, state.rest);
                foreach (var reject in state.rejected) state.Outbox.Record(state.nowMs, reject);
            }),
            cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One start at a time, so that memory holds no more than a commit's worth of windows.</remarks>
    async Task<bool> IOutbox.RefillAsync(CancellationToken cancellationToken)
    {
        if (_outbox!.Starts == 0) return false;
        await ChangeAsync(
            database => InTransaction(database, (Store: this, database.Writer), static state =>
            {
                var (store, writer) = state;
                if (store._outbox!.NextRollup(store._rollups!.Tiers) is var (tier, rowMs))
                {
                    store._outbox.Refill(tier, rowMs, RollupLines.OfStart(writer, tier, rowMs, store._options.Influx!, store.OnCorrupt));
                    return;
                }

                var startMs = writer.Scalar("SELECT min(start) FROM outbox_start");
                var (windows, areas) = StoreReader.OfStart(writer, startMs);
                var readings = store._options.Raw.InInflux ? ReadingTable.OfStart(writer, startMs) : [];
                store._outbox!.Refill(startMs, store.LinesOf(windows, areas, readings, store._options.Influx!));
            }),
            cancellationToken);
        return true;
    }

    private async Task ChangeAsync(Action<SqliteDatabase> change, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var database = Database;
            await Task.Run(() => change(database), CancellationToken.None);
        }
        finally
        {
            _writing.Release();
        }
    }
}
