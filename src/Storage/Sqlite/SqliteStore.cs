using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// The durable state in one SQLite file, <c>city.db</c> in the data folder. A commit is on disk when it returns (write-ahead log, full sync);
/// commits queue behind each other, readers wait for nobody. Point look-ups run on the caller's thread, range reads on the thread pool.
/// </summary>
public sealed partial class SqliteStore : ITelemetryStore, IDisposable
{
    private readonly StorageOptions _options;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile SqliteDatabase? _database;
    private CommitWriter? _writer;
    private RollupTable? _rollups;
    private DeadLetterTable? _deadLetters;
    private OutboxTable? _outbox;
    private (long Chunks, long Bytes) _reported;
    private bool _overflowing;
    private bool _disposed;

    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public SqliteStore(StorageOptions options, ILogger<SqliteStore>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _logger = logger ?? NullLogger<SqliteStore>.Instance;
    }

    /// <inheritdoc/>
    public async Task<StoreMarks> OpenAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_database is null) await Task.Run(Open, cancellationToken);
            var marks = StoreReader.Marks(_database!.Writer);
            StorageLog.Opened(_logger, _database.File, marks.Checkpoint);
            _opened.TrySetResult();
            return marks;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The disk is full or failed, or another program holds the file. Nothing of the commit is
    /// stored; the same commit can be tried again.</exception>
    public async Task CommitAsync(StoreCommit commit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(commit);
        if (commit.IsEmpty) return;
        var began = Stopwatch.GetTimestamp();
        using var activity = StorageTelemetry.Activities.StartActivity("storage.commit");
        activity?.SetTag("smartcity.windows", commit.Windows.Count);
        // Encoding and compressing the lines needs no transaction, so it is done before this commit's turn comes.
        var influx = _options.Influx;
        IReadOnlyList<LineChunk> chunks = influx is { Enabled: true }
            ? await Task.Run(() => LinesOf(commit.Windows, commit.Areas, commit.Readings, influx), cancellationToken) : [];
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var database = Database;
            await Task.Run(() => Commit(database, commit, chunks), cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            StorageTelemetry.Commits.Add(1, StorageTelemetry.Outcome("failed"));
            activity?.SetStatus(ActivityStatusCode.Error, error.Message);
            if (_database is { } database) StorageLog.CommitFailed(_logger, database.File, error);
            throw;
        }
        finally
        {
            _writing.Release();
        }

        StorageTelemetry.Commits.Add(1, StorageTelemetry.Outcome("durable"));
        StorageTelemetry.CommitSeconds.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
        StorageTelemetry.CountRows(commit);
    }

    /// <inheritdoc/>
    public Task WriteAsync(IReadOnlyList<DeviceWindow> windows, IReadOnlyList<AreaWindow> areas, CancellationToken cancellationToken) =>
        CommitAsync(StoreCommit.Of(windows, areas), cancellationToken);

    /// <summary>Waits for commits under way, then closes the file and lets other processes have the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync();
        try
        {
            if (_disposed) return;
            _disposed = true;
            _database?.Dispose();
            _database = null;
            Report(0, 0);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>As <see cref="DisposeAsync"/>, for containers that are disposed synchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private SqliteDatabase Database => _database ?? throw (_disposed
        ? new ObjectDisposedException(nameof(SqliteStore))
        : new InvalidOperationException("The store is not open: call OpenAsync first."));

    private void Open()
    {
        var database = SqliteDatabase.Open(_options);
        try
        {
            _rollups = new RollupTable(database.Writer, _options.WindowSeconds);
            _writer = new CommitWriter(database.Writer, _rollups);
            _deadLetters = new DeadLetterTable(database.Writer, _options.MaxDeadLetters);
            _outbox = new OutboxTable(database.Writer, _options.Influx?.MaxOutboxBytes ?? long.MaxValue);
            _deadLetters.Load();
            _outbox.Load();
            _database = database;
            Report(_outbox.Chunks, _outbox.Bytes);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private void Commit(SqliteDatabase database, StoreCommit commit, IReadOnlyList<LineChunk> chunks)
    {
        var fits = true;
        InTransaction(database, (Store: this, commit, chunks), state =>
        {
            var (store, change, lines) = state;
            store._writer!.Apply(change);
            store._deadLetters!.Write(change.DeadLetters, store._writer);
            fits = store._outbox!.Append(lines, change);
            store.WriteReadings(change, fits);
        });
        if (chunks.Count > 0) Appended(fits);
    }

    private void Appended(bool fits)
    {
        if (!fits) StorageTelemetry.OutboxOverflows.Add(1);
        if (!fits && !_overflowing) StorageLog.OutboxFull(_logger, _options.Influx!.MaxOutboxBytes);
        _overflowing = !fits;
        _outboxChanged.Release();
    }

    private void InTransaction<TState>(SqliteDatabase database, TState state, Action<TState> change)
    {
        try
        {
            database.Writer["BEGIN IMMEDIATE"].Run();
            change(state);
            database.Writer["COMMIT"].Run();
        }
        catch (Exception error)
        {
            RollBack(database);
            if (error is SqliteException sqlite && SqliteErrors.Explain(sqlite, database.File) is { } explained) throw explained;
            throw;
        }

        Report(_outbox!.Chunks, _outbox.Bytes);
    }

    private void RollBack(SqliteDatabase database)
    {
        database.Writer.Rollback();
        _writer!.Forget();
        _rollups!.Load();
        _deadLetters!.Load();
        _outbox!.Load();
    }

    private void Report(long chunks, long bytes)
    {
        StorageTelemetry.OutboxChunks.Add(chunks - _reported.Chunks);
        StorageTelemetry.OutboxBytes.Add(bytes - _reported.Bytes);
        _reported = (chunks, bytes);
    }
}
