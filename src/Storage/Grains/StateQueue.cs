using System.Globalization;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Orleans.Storage;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>One thread that owns the file of grain states, and what waits for it.</summary>
internal sealed class StateQueue : IDisposable
{
    // Beyond this many, grains wait to be queued: each holds its own state anyway.
    private const int MaxWaiting = 10_000;
    private const int MaxBatch = 1_000;

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS state(version INTEGER PRIMARY KEY AUTOINCREMENT, grain TEXT NOT NULL, name TEXT NOT NULL, json BLOB NOT NULL, UNIQUE(grain, name));
        PRAGMA user_version = 1
        """;

    private readonly string _file;
    private readonly Channel<StateRequest> _requests = Channel.CreateBounded<StateRequest>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly List<StateRequest> _batch = [];
    private readonly Lazy<Task> _worker;
    private SqliteSession? _session;

    public StateQueue(string file)
    {
        _file = file;
        _worker = new(() => Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }

    public async Task<StoredState> AddAsync(StateRequest request)
    {
        _ = _worker.Value;
        await _requests.Writer.WriteAsync(request);
        return await request.Done;
    }

    public void Dispose()
    {
        _requests.Writer.TryComplete();
        if (_worker.IsValueCreated) _worker.Value.GetAwaiter().GetResult();
        _session?.Dispose();
        _session = null;
    }

    private void Work()
    {
        var reader = _requests.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            _batch.Clear();
            while (_batch.Count < MaxBatch && reader.TryRead(out var request)) _batch.Add(request);
            Exception? failure = null;
            try
            {
                Commit(_session ??= Open());
            }
            catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
            {
                failure = error is SqliteException sqlite ? SqliteErrors.Explain(sqlite, _file) ?? error
                    : new StoreUnavailableException($"The states of grains in '{_file}' cannot be used ({error.Message}): give this user write permission there, or set Data to another folder.", error);
            }
            catch (StoreUnavailableException error)
            {
                failure = error;
            }

            foreach (var request in _batch) request.End(failure);
        }
    }

    private SqliteSession Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        var session = new SqliteSession(_file, SqliteOpenMode.ReadWriteCreate, TimeSpan.FromSeconds(5));
        try
        {
            if (session.Scalar("PRAGMA user_version") is > 1 and var version)
                throw new StoreUnavailableException($"The states of grains in '{_file}' were written by a newer version of this program (schema {version}; this one knows 1): run that version, or set Data to another folder.");
            session.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF");
            session.Execute(Schema);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private void Commit(SqliteSession session)
    {
        // Without a write there is nothing to wait for on the disk.
        session.Execute(_batch.Exists(r => r.Work != StateWork.Read) ? "BEGIN IMMEDIATE" : "BEGIN");
        try
        {
            foreach (var request in _batch) Apply(session, request);
            session.Execute("COMMIT");
        }
        catch
        {
            session.Rollback();
            throw;
        }
    }

    private static void Apply(SqliteSession session, StateRequest request)
    {
        var stored = Read(session, request);
        if (request.Work == StateWork.Read)
        {
            request.Outcome = stored;
            return;
        }

        if (stored.ETag != request.ETag)
        {
            request.Refusal = new InconsistentStateException($"The state '{request.Name}' of {request.Grain} was written by somebody else.", stored.ETag, request.ETag);
            return;
        }

        if (request.Work == StateWork.Clear)
        {
            session["DELETE FROM state WHERE grain = ?1 AND name = ?2"].Bind(1, request.Grain).Bind(2, request.Name).Run();
            return;
        }

        session["INSERT OR REPLACE INTO state(grain, name, json) VALUES(?1, ?2, ?3)"].Bind(1, request.Grain).Bind(2, request.Name).Bind(3, request.Json).Run();
        var last = session["SELECT last_insert_rowid()"];
        last.Step();
        request.Outcome = new(last.Int64(0).ToString(CultureInfo.InvariantCulture), request.Json);
        last.Reset();
    }

    private static StoredState Read(SqliteSession session, StateRequest request)
    {
        var statement = session["SELECT version, json FROM state WHERE grain = ?1 AND name = ?2"].Bind(1, request.Grain).Bind(2, request.Name);
        var stored = statement.Step() ? new StoredState(statement.Int64(0).ToString(CultureInfo.InvariantCulture), statement.Blob(1).ToArray()) : default;
        statement.Reset();
        return stored;
    }
}
