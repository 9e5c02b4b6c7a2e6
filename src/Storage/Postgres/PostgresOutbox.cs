using Microsoft.Extensions.Logging;
using Npgsql;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// The outbox that all processes of a cluster fill and one of them empties: the one that holds its lock. Everything the sender does goes over the connection
/// that holds the lock, one call at a time, so it knows that it is still the sender whenever it takes a chunk; when it dies, another gets the lock.
/// Only what wakes it comes over a connection of its own: one that waits can do nothing else.
/// </summary>
internal sealed partial class PostgresOutbox(string connectionString, InfluxOptions influx, TimeProvider time, ILogger logger) : IOutbox, IAsyncDisposable, IDisposable
{
    /// <summary>Where commits say that they have added something.</summary>
    public const string Channel = "smartcity_outbox";

    private const long SenderLock = PostgresSchema.Lock + 2;
    private const long Unknown = long.MinValue + 1;
    private const string SumColumns = "chunks, bytes, starts, change";
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly string _name = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _gate = new(1, 1); // one call at a time over the connection
    private readonly HashSet<long> _taken = []; // chunks of which a request may be under way, or not have ended well
    private NpgsqlConnection? _connection; // holds the lock
    private PostgresListener? _listener;
    private volatile bool _isSender;
    private long _reign;
    private bool _isDisposed;
    private (long Chunks, long Bytes, long Starts, long Change) _sums;
    private (long Chunks, long Bytes) _reported;

    /// <inheritdoc/>
    public (long Chunks, long Bytes, long Starts) Size
    {
        get
        {
            lock (_lock) return (_sums.Chunks, _sums.Bytes, _sums.Starts);
        }
    }

    /// <summary>The tables are there.</summary>
    public async Task OpenAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using (var connection = await source.OpenConnectionAsync(cancellationToken)) await ReadSumsAsync(connection, cancellationToken);
        _opened.TrySetResult();
    }

    /// <summary>Adds lines inside a commit's transaction; a full outbox notes the starts of the windows instead.</summary>
    /// <returns>The new sums, for <see cref="Committed"/>; null when there was nothing to add.</returns>
    public async Task<(bool Fits, long Chunks, long Bytes, long Starts, long Change)?> AppendAsync(
        NpgsqlConnection connection, IReadOnlyList<LineChunk> chunks, IEnumerable<long> starts, CancellationToken cancellationToken)
    {
        if (chunks.Count == 0) return null;
        long waiting;
        await using (var read = new NpgsqlCommand("SELECT bytes FROM outbox_state FOR UPDATE", connection)) waiting = (long)(await read.ExecuteScalarAsync(cancellationToken))!;
        var fits = waiting + chunks.Sum(c => (long)c.Body.Length) <= influx.MaxOutboxBytes;
        if (fits) await InsertAsync(connection, chunks, cancellationToken);
        var added = fits ? 0 : await RunAsync(connection, "INSERT INTO outbox_start(start) SELECT unnest($1) ON CONFLICT DO NOTHING", cancellationToken, starts.Distinct().ToArray());
        var sums = await AddAsync(connection, fits ? chunks.Count : 0, fits ? chunks.Sum(c => (long)c.Body.Length) : 0, added, cancellationToken);
        await RunAsync(connection, "NOTIFY " + Channel, cancellationToken);
        return (fits, sums.Chunks, sums.Bytes, sums.Starts, sums.Change);
    }

    /// <summary>A transaction with these sums is durable.</summary>
    public void Committed((long Chunks, long Bytes, long Starts, long Change) sums)
    {
        lock (_lock)
        {
            if (sums.Change >= _sums.Change) _sums = sums; // answers may overtake each other
            Report(_isSender ? _sums.Chunks : 0, _isSender ? _sums.Bytes : 0);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long> BeginAsync(CancellationToken cancellationToken)
    {
        // State, not FullState: that one is another while a confirmation is under way.
        if (_isSender && _connection is { State: System.Data.ConnectionState.Open } && _listener is { IsListening: true }) return _reign;
        await _opened.Task.WaitAsync(cancellationToken);
        await LeaveAsync();
        var connection = _connection = await PostgresSession.OpenAsync(connectionString, cancellationToken);
        // Asking again costs less than waiting inside the server: that would keep the server from cleaning up behind every commit meanwhile.
        while (!await IsMineAsync(connection, cancellationToken)) await Task.Delay(s_retry, time, cancellationToken);
        _listener = await PostgresListener.StartAsync(connectionString, Channel, cancellationToken);
        await TakeOverAsync(connection, cancellationToken);
        await ReadSumsAsync(connection, cancellationToken);
        // Whoever had the lock in between may have sent, and has left again.
        _reign++;
        _isSender = true;
        Committed(_sums);
        StorageLog.OutboxSender(logger, influx.Url!);
        return _reign;
    }

    /// <inheritdoc/>
    public Task ChangedAsync(CancellationToken cancellationToken) => (_listener ?? throw NotTheSender()).HeardAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<(long First, long Last)> RangeAsync(CancellationToken cancellationToken) =>
        AsSenderAsync(connection => PairAsync(connection, "SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM outbox", cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<(long Id, long StartMs)> LastAsync(CancellationToken cancellationToken) => AsSenderAsync(
        connection => PairAsync(
            connection,
            "SELECT coalesce((SELECT max(id) FROM outbox), 0), CASE WHEN EXISTS(SELECT FROM outbox WHERE last_start IS NULL) "
            + $"THEN {long.MaxValue} ELSE coalesce((SELECT max(last_start) FROM outbox), {Unknown}) END",
            cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<long> FirstStartAsync(CancellationToken cancellationToken)
    {
        if (!_opened.Task.IsCompletedSuccessfully) return Unknown;
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            $"SELECT CASE WHEN EXISTS(SELECT FROM outbox WHERE first_start IS NULL) THEN {Unknown} "
            + $"ELSE coalesce(least((SELECT min(first_start) FROM outbox), (SELECT min(start) FROM outbox_start)), {long.MaxValue}) END",
            connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <inheritdoc/>
    public Task<OutboxChunk?> OldestAsync(long afterId, CancellationToken cancellationToken) => AsSenderAsync(
        async connection =>
        {
            await using var command = Command(connection, "SELECT id, lines, body FROM outbox WHERE id > $1 ORDER BY id LIMIT 1", afterId);
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            if (!await row.ReadAsync(cancellationToken)) return null;
            var chunk = new OutboxChunk(row.GetInt64(0), row.GetInt32(1), row.GetFieldValue<byte[]>(2));
            _taken.Add(chunk.Id);
            return chunk;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task ConfirmAsync(long reign, CancellationToken cancellationToken) => AsSenderAsync(
        connection => reign == _reign ? RunAsync(connection, "SELECT 1", cancellationToken) : throw NotTheSender(), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One start at a time, so that memory holds no more than a commit's worth of windows.</remarks>
    public Task<bool> RefillAsync(CancellationToken cancellationToken) => AsSenderAsync(
        async connection =>
        {
            if (await FirstOfStartsAsync(connection, cancellationToken) is null) return false;
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            // No commit may come between reading the rows and writing their chunk, or an older row would follow a newer one.
            await RunAsync(connection, PostgresSchema.TakeLock, cancellationToken);
            if (await FirstOfStartsAsync(connection, cancellationToken) is not { } startMs) return false;
            var (windows, areas) = await PostgresStore.OfStartAsync(connection, startMs, cancellationToken);
            var chunks = LineProtocol.Chunks(windows, areas, influx);
            if (chunks.Count > 0) await InsertAsync(connection, chunks, cancellationToken);
            var deleted = await RunAsync(connection, "DELETE FROM outbox_start WHERE start = $1", cancellationToken, startMs);
            var sums = await AddAsync(connection, chunks.Count, chunks.Sum(c => (long)c.Body.Length), -deleted, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            Committed(sums);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task CompleteAsync(OutboxChunk chunk, LineChunk? rest, long nowMs, IReadOnlyList<RejectedLines> rejected, CancellationToken cancellationToken) => AsSenderAsync(
        async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var changed = rest is null
                ? await RunAsync(connection, "DELETE FROM outbox WHERE id = $1", cancellationToken, chunk.Id)
                : await RunAsync(connection, "UPDATE outbox SET lines = $2, body = $3, first_start = $4, last_start = $5 WHERE id = $1",
                    cancellationToken, chunk.Id, rest.Lines, rest.Body, rest.FirstStartMs, rest.LastStartMs);
            foreach (var reject in rejected)
            {
                await RunAsync(connection, "INSERT INTO outbox_reject(at, lines, message, sample) VALUES ($1, $2, $3, $4)",
                    cancellationToken, nowMs, reject.Lines, reject.Message.Replace('\0', '\uFFFD'), reject.Sample.Replace('\0', '\uFFFD'));
            }

            if (rejected.Count > 0) await RunAsync(connection, "DELETE FROM outbox_reject WHERE id <= (SELECT max(id) FROM outbox_reject) - 1000", cancellationToken);
            var sums = await AddAsync(connection, rest is null ? -changed : 0, changed * ((rest?.Body.Length ?? 0L) - chunk.Body.Length), 0, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            _taken.Remove(chunk.Id);
            Committed(sums);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RejectedLines>> ReadRejectsAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT lines, message, sample FROM outbox_reject ORDER BY id DESC", connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<RejectedLines>();
        while (await row.ReadAsync(cancellationToken)) rows.Add(new(row.GetInt32(0), row.GetString(1), row.GetString(2)));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        await LeaveAsync();
        _gate.Dispose();
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static InvalidOperationException NotTheSender() => new("Another process sends the outbox.");

    private async Task<T> AsSenderAsync<T>(Func<NpgsqlConnection, Task<T>> call, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await call(_isSender && _connection is { } connection ? connection : throw NotTheSender());
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Writes down who sends from now on. What the one before may still have under way could arrive late and overwrite what is newer, unless it ended well:
    /// its request cannot live longer than the longest wait for an answer.
    /// </summary>
    private async Task TakeOverAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand("SELECT sender FROM outbox_state", connection);
        var before = await read.ExecuteScalarAsync(cancellationToken) as string;
        if (before is not null && before != _name)
        {
            StorageLog.OutboxTakenOver(logger, before, influx.RequestTimeout);
            await Task.Delay(influx.RequestTimeout, time, cancellationToken);
        }

        if (before != _name) _taken.Clear(); // of another reign, and over by now: somebody has waited for them
        await RunAsync(connection, "UPDATE outbox_state SET sender = $1", cancellationToken, _name);
    }

    private async Task LeaveAsync()
    {
        var wasSender = _isSender;
        _isSender = false;
        lock (_lock) Report(0, 0);
        if (_listener is not null) await _listener.DisposeAsync();
        _listener = null;
        await _gate.WaitAsync(); // a confirmation may be under way
        var connection = _connection;
        _connection = null;
        _gate.Release();
        if (connection is null) return;
        try
        {
            if (wasSender && _taken.Count == 0) await RunAsync(connection, "UPDATE outbox_state SET sender = NULL WHERE sender = $1", CancellationToken.None, _name);
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            // The server is away; whoever comes next waits a moment.
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }

    // Under the lock. All processes see the same outbox; only the sender reports it, or a sum over them would count it several times.
    private void Report(long chunks, long bytes)
    {
        StorageTelemetry.OutboxChunks.Add(chunks - _reported.Chunks);
        StorageTelemetry.OutboxBytes.Add(bytes - _reported.Bytes);
        _reported = (chunks, bytes);
    }
}
