using Microsoft.Data.Sqlite;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>The side of the store that the outbox pump uses.</summary>
public sealed partial class SqliteStore : IOutbox
{
    private readonly SemaphoreSlim _outboxChanged = new(0);

    /// <summary>What waits for InfluxDB.</summary>
    internal IOutbox Outbox => this;

    /// <inheritdoc/>
    (long Chunks, long Bytes, long Starts) IOutbox.Size => _outbox is { } outbox ? (outbox.Chunks, outbox.Bytes, outbox.Starts) : default;

    /// <summary>Completes when the store is open.</summary>
    internal Task Opened => _opened.Task;

    /// <inheritdoc/>
    /// <remarks>The file belongs to one process.</remarks>
    Task IOutbox.BeginAsync(CancellationToken cancellationToken) => Opened.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    Task IOutbox.ConfirmAsync(CancellationToken cancellationToken) => Task.CompletedTask;

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
    async Task<OutboxChunk?> IOutbox.OldestAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var chunk = await ReadAsync(0, static (session, _) => OutboxTable.ReadOldest(session), cancellationToken);
            if (chunk is not null || !await RefillOutboxAsync(cancellationToken)) return chunk;
        }
    }

    /// <inheritdoc/>
    Task IOutbox.CompleteAsync(OutboxChunk chunk, long nowMs, IReadOnlyList<RejectedLines> rejected, CancellationToken cancellationToken) =>
        ChangeAsync(
            database => InTransaction(database, (Outbox: _outbox!, chunk, nowMs, rejected), static state =>
            {
                state.Outbox.Delete(state.chunk);
                foreach (var reject in state.rejected) state.Outbox.Record(state.nowMs, reject);
            }),
            cancellationToken);

    // One start at a time, so that memory holds no more than a commit's worth of windows.
    private async Task<bool> RefillOutboxAsync(CancellationToken cancellationToken)
    {
        var more = false;
        await ChangeAsync(
            database =>
            {
                if (_outbox!.Starts == 0) return;
                more = true;
                InTransaction(database, (Database: database, Outbox: _outbox, Influx: _options.Influx!), static state =>
                {
                    var startMs = state.Database.Writer.Scalar("SELECT min(start) FROM outbox_start");
                    var (windows, areas) = StoreReader.OfStart(state.Database.Writer, startMs);
                    state.Outbox.Refill(startMs, LineProtocol.Chunks(windows, areas, state.Influx));
                });
            },
            cancellationToken);
        return more;
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
