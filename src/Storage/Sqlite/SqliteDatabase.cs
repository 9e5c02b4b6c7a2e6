using System.Globalization;
using Microsoft.Data.Sqlite;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>The database file of one data folder, open and locked for this process: the writing connection and the pool of readers.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    public const string FileName = "city.db";
    private const string LockFileName = "city.lock";

    private readonly FileStream _lock;

    private SqliteDatabase(FileStream @lock, SqliteSession writer, string file, TimeSpan busyTimeout)
    {
        _lock = @lock;
        Writer = writer;
        File = file;
        Readers = new ReaderPool(file, busyTimeout);
    }

    public string File { get; }

    /// <summary>The only connection that writes; its owner lets one caller in at a time.</summary>
    public SqliteSession Writer { get; }

    public ReaderPool Readers { get; }

    /// <exception cref="StoreUnavailableException">The folder or the file cannot be used; the message says what to do.</exception>
    public static SqliteDatabase Open(StorageOptions options)
    {
        var folder = Path.GetFullPath(options.DataFolder);
        var file = Path.Combine(folder, FileName);
        FileStream? @lock = null;
        SqliteSession? writer = null;
        try
        {
            @lock = Lock(folder);
            writer = new SqliteSession(file, SqliteOpenMode.ReadWriteCreate, options.BusyTimeout);
            Prepare(writer, file);
            return new SqliteDatabase(@lock, writer, file, options.BusyTimeout);
        }
        catch (Exception error)
        {
            writer?.Dispose();
            @lock?.Dispose();
            if (error is SqliteException sqlite && SqliteErrors.Explain(sqlite, file) is { } explained) throw explained;
            throw;
        }
    }

    public void Dispose()
    {
        Readers.Dispose();
        Writer.Dispose();
        _lock.Dispose();
    }

    // The lock is on a file of its own: SQLite's own exclusive mode would lock out our readers too. It goes with the process, however it ends.
    private static FileStream Lock(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException(
                $"The data folder '{folder}' cannot be created ({error.Message}): set Data to a folder that this user can write.", error);
        }

        var path = Path.Combine(folder, LockFileName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException error) when (IsHeldByAnother(error))
        {
            throw new StoreUnavailableException(
                $"The data folder '{folder}' is in use by another process: stop that process, or set Data to another folder.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException(
                $"The data folder '{folder}' cannot be written ({error.Message}): give this user write permission there, or set Data to another folder.", error);
        }
    }

    // .NET has no exception of its own for a lock that somebody else holds: ERROR_SHARING_VIOLATION, or EWOULDBLOCK of Linux and of macOS.
    private static bool IsHeldByAnother(IOException error) =>
        OperatingSystem.IsWindows() ? error.HResult == unchecked((int)0x80070020) : error.HResult is 11 or 35;

    private static void Prepare(SqliteSession writer, string file)
    {
        var version = writer.Scalar("PRAGMA user_version");
        var application = writer.Scalar("PRAGMA application_id");
        var tables = writer.Scalar("SELECT count(*) FROM sqlite_master");
        if (tables > 0 && application != SqliteSchema.ApplicationId)
            throw new StoreUnavailableException($"The database '{file}' belongs to another program: move it away, or set Data to another folder.");
        if (version > SqliteSchema.Version)
        {
            throw new StoreUnavailableException(
                $"The database '{file}' was written by a newer version of this program (schema {version}; this one knows up to "
                + $"{SqliteSchema.Version}): run that version, or set Data to another folder.");
        }

        if (tables == 0) writer.Execute("PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL");
        if (writer.Scalar("PRAGMA journal_mode = WAL") != 0)
            throw new StoreUnavailableException($"The database '{file}' cannot use a write-ahead log: set Data to a folder on a local disk.");
        // FULL: a commit is on disk when it returns. 64 MiB of log before it is copied back, so that a large commit is copied once.
        writer.Execute(
            "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096; PRAGMA wal_autocheckpoint = 8192; "
            + "PRAGMA journal_size_limit = 134217728; PRAGMA trusted_schema = OFF");
        for (var next = version; next < SqliteSchema.Version; next++)
        {
            writer.Execute("BEGIN IMMEDIATE");
            try
            {
                writer.Execute(SqliteSchema.Migrations[next]);
                writer.Execute(string.Create(
                    CultureInfo.InvariantCulture, $"PRAGMA user_version = {next + 1}; PRAGMA application_id = {SqliteSchema.ApplicationId}"));
                writer.Execute("COMMIT");
            }
            catch
            {
                writer.Rollback();
                throw;
            }
        }

        // A file that another program has locked for writing is found now and not with the first reading.
        writer.Execute("BEGIN IMMEDIATE; COMMIT");
    }
}
