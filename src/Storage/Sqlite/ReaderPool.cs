using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace SmartCity.Storage;

/// <summary>Read-only connections. Readers never wait for the writer (WAL); idle connections are bounded, busy ones by their callers.</summary>
internal sealed class ReaderPool(string file, TimeSpan busyTimeout) : IDisposable
{
    private const int MaxIdle = 8;
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private volatile bool _disposed;

    /// <summary>Runs <paramref name="read"/> in one read transaction, so that all its statements see the same commit.</summary>
    public TResult Read<TState, TResult>(TState state, Func<SqliteSession, TState, TResult> read)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_idle.TryTake(out var session)) session = Open();
        var healthy = false;
        try
        {
            session["BEGIN"].Run();
            var result = read(session, state);
            session["COMMIT"].Run();
            healthy = true;
            return result;
        }
        finally
        {
            if (healthy && !_disposed && _idle.Count < MaxIdle) _idle.Add(session);
            else session.Dispose();
            if (_disposed) Drain();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        Drain();
    }

    private SqliteSession Open()
    {
        var session = new SqliteSession(file, SqliteOpenMode.ReadOnly, busyTimeout);
        session.Execute("PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 268435456");
        return session;
    }

    private void Drain()
    {
        while (_idle.TryTake(out var session)) session.Dispose();
    }
}
