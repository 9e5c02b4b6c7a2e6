using Microsoft.Data.Sqlite;

namespace SmartCity.Storage;

/// <summary>One connection with the statements it has prepared so far. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);

    public SqliteSession(string file, SqliteOpenMode mode, TimeSpan busyTimeout)
    {
        var builder = new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, DefaultTimeout = 0 };
        _connection = new SqliteConnection(builder.ConnectionString);
        try
        {
            _connection.Open();
            Execute(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {(int)busyTimeout.TotalMilliseconds}"));
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>The statement for this text, prepared once and reset.</summary>
    public Statement this[string sql]
    {
        get
        {
            if (_statements.TryGetValue(sql, out var statement)) return statement;
            statement = new Statement(_connection.Handle!, sql);
            _statements.Add(sql, statement);
            return statement;
        }
    }

    /// <summary>Runs one or more statements that are not worth keeping.</summary>
    public void Execute(string sql)
    {
        var code = SQLitePCL.raw.sqlite3_exec(_connection.Handle, sql, out var message);
        if (code != SQLitePCL.raw.SQLITE_OK)
            throw new SqliteException($"SQLite error {code}: {message}", code & 0xFF, SQLitePCL.raw.sqlite3_extended_errcode(_connection.Handle));
    }

    /// <summary>First column of the first row.</summary>
    public long Scalar(string sql)
    {
        using var statement = new Statement(_connection.Handle!, sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>Undoes an open transaction; an error that already undid it is no error.</summary>
    public void Rollback()
    {
        foreach (var statement in _statements.Values) statement.Reset();
        if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0) Execute("ROLLBACK");
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        _statements.Clear();
        _connection.Dispose();
    }
}
