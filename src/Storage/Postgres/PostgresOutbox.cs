using Microsoft.Extensions.Logging;
using Npgsql;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// The outbox that all processes of a cluster fill and one of them empties: the one that holds its lock. Everything the sender does goes over the connection
/// that holds the lock, so it knows that it is still the sender whenever it takes a chunk; when it dies, another gets the lock.
/// </summary>
internal sealed class PostgresOutbox(string connectionString, InfluxOptions influx, TimeProvider time, ILogger logger) : IOutbox, IAsyncDisposable, IDisposable
{
    /// <summary>Where commits say that they have added something.</summary>
    public const string Channel = "smartcity_outbox";

    private const long SenderLock = PostgresSchema.Lock + 2;
    private const string SumColumns = "chunks, bytes, starts, change";
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly string _name = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private NpgsqlConnection? _connection; // holds the lock
    private volatile bool _isSender;
    private bool _mayBeSending; // a request may be under way, or not have ended well
    private bool _changed;
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
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (_isSender && _connection is { FullState: System.Data.ConnectionState.Open }) return;
        await _opened.Task.WaitAsync(cancellationToken);
        await LeaveAsync();
        _connection = await PostgresSession.OpenAsync(connectionString, cancellationToken);
        // Asking again costs less than waiting inside the server: that would keep the server from cleaning up behind every commit meanwhile.
        while (!await IsMineAsync(_connection, cancellationToken)) await Task.Delay(s_retry, time, cancellationToken);
        _connection.Notification += (_, _) => _changed = true;
        await RunAsync(_connection, "LISTEN " + Channel, cancellationToken);
        await TakeOverAsync(_connection, cancellationToken);
        await ReadSumsAsync(_connection, cancellationToken);
        _isSender = true;
        Committed(_sums);
        StorageLog.OutboxSender(logger, influx.Url!);
    }

    /// <inheritdoc/>
    public async Task ChangedAsync(CancellationToken cancellationToken)
    {
        if (!_changed) await Connection.WaitAsync(cancellationToken);
        _changed = false;
    }

    /// <inheritdoc/>
    public async Task<OutboxChunk?> OldestAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await using (var command = new NpgsqlCommand("SELECT id, lines, body FROM outbox ORDER BY id LIMIT 1", Connection))
            {
                await using var row = await command.ExecuteReaderAsync(cancellationToken);
                if (await row.ReadAsync(cancellationToken))
                {
                    _mayBeSending = true;
                    return new(row.GetInt64(0), row.GetInt32(1), row.GetFieldValue<byte[]>(2));
                }
            }

            if (!await RefillAsync(Connection, cancellationToken)) return null;
        }
    }

    /// <inheritdoc/>
    public async Task ConfirmAsync(CancellationToken cancellationToken) => await RunAsync(Connection, "SELECT 1", cancellationToken);

    /// <inheritdoc/>
    public async Task CompleteAsync(OutboxChunk chunk, long nowMs, IReadOnlyList<RejectedLines> rejected, CancellationToken cancellationToken)
    {
        var connection = Connection;
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var deleted = await RunAsync(connection, "DELETE FROM outbox WHERE id = $1", cancellationToken, chunk.Id);
        foreach (var reject in rejected)
        {
            await RunAsync(connection, "INSERT INTO outbox_reject(at, lines, message, sample) VALUES ($1, $2, $3, $4)",
                cancellationToken, nowMs, reject.Lines, reject.Message.Replace('\0', '\uFFFD'), reject.Sample.Replace('\0', '\uFFFD'));
        }

        if (rejected.Count > 0) await RunAsync(connection, "DELETE FROM outbox_reject WHERE id <= (SELECT max(id) FROM outbox_reject) - 1000", cancellationToken);
        var sums = await AddAsync(connection, -deleted, -deleted * (long)chunk.Body.Length, 0, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        _mayBeSending = false;
        Committed(sums);
    }

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

    public async ValueTask DisposeAsync() => await LeaveAsync();

    public void Dispose() => LeaveAsync().GetAwaiter().GetResult();

    private NpgsqlConnection Connection => _connection ?? throw new InvalidOperationException("Another process sends the outbox.");

    /// <summary>
    /// Writes down who sends from now on. What the one before may still have under way could arrive late and overwrite what is newer, unless it ended well:
    /// its request cannot live longer than the longest wait for an answer.
    /// </summary>
    private async Task TakeOverAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand("SELECT sender FROM outbox_state", connection);
        if (await read.ExecuteScalarAsync(cancellationToken) is string before && before != _name)
        {
            StorageLog.OutboxTakenOver(logger, before, influx.RequestTimeout);
            await Task.Delay(influx.RequestTimeout, time, cancellationToken);
        }

        await RunAsync(connection, "UPDATE outbox_state SET sender = $1", cancellationToken, _name);
    }

    private async Task LeaveAsync()
    {
        var connection = _connection;
        (_connection, var wasSender, _isSender) = (null, _isSender, false);
        lock (_lock) Report(0, 0);
        if (connection is null) return;
        try
        {
            if (wasSender && !_mayBeSending) await RunAsync(connection, "UPDATE outbox_state SET sender = NULL WHERE sender = $1", CancellationToken.None, _name);
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

    // One start at a time, so that memory holds no more than a commit's worth of windows.
    private async Task<bool> RefillAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // No commit may come between reading the rows and writing their chunk, or an older row would follow a newer one.
        await RunAsync(connection, PostgresSchema.TakeLock, cancellationToken);
        await using var first = new NpgsqlCommand("SELECT min(start) FROM outbox_start", connection);
        if (await first.ExecuteScalarAsync(cancellationToken) is not long startMs) return false;
        var (windows, areas) = await PostgresStore.OfStartAsync(connection, startMs, cancellationToken);
        var chunks = LineProtocol.Chunks(windows, areas, influx);
        if (chunks.Count > 0) await InsertAsync(connection, chunks, cancellationToken);
        var deleted = await RunAsync(connection, "DELETE FROM outbox_start WHERE start = $1", cancellationToken, startMs);
        var sums = await AddAsync(connection, chunks.Count, chunks.Sum(c => (long)c.Body.Length), -deleted, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Committed(sums);
        return true;
    }

    private async Task ReadSumsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT {SumColumns} FROM outbox_state", connection);
        Committed(await SumsAsync(command, cancellationToken));
    }

    private static async Task<(long Chunks, long Bytes, long Starts, long Change)> AddAsync(
        NpgsqlConnection connection, long chunks, long bytes, long starts, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection, $"UPDATE outbox_state SET chunks = chunks + $1, bytes = bytes + $2, starts = starts + $3, change = change + 1 RETURNING {SumColumns}", chunks, bytes, starts);
        return await SumsAsync(command, cancellationToken);
    }

    private static async Task<(long Chunks, long Bytes, long Starts, long Change)> SumsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
    }

    private static Task<int> InsertAsync(NpgsqlConnection connection, IReadOnlyList<LineChunk> chunks, CancellationToken cancellationToken) => RunAsync(
        connection, "INSERT INTO outbox(lines, body) SELECT c.lines, c.body FROM unnest($1, $2) WITH ORDINALITY AS c(lines, body, n) ORDER BY c.n",
        cancellationToken, chunks.Select(c => c.Lines).ToArray(), chunks.Select(c => c.Body).ToArray());

    private static async Task<bool> IsMineAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({SenderLock})", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<int> RunAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Command(connection, text, values);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string text, params object[] values)
    {
        var command = new NpgsqlCommand(text, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    // Under the lock. All processes see the same outbox; only the sender reports it, or a sum over them would count it several times.
    private void Report(long chunks, long bytes)
    {
        StorageTelemetry.OutboxChunks.Add(chunks - _reported.Chunks);
        StorageTelemetry.OutboxBytes.Add(bytes - _reported.Bytes);
        _reported = (chunks, bytes);
    }
}
