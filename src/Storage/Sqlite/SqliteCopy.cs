using Microsoft.Data.Sqlite;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Copies a database while others use it.</summary>
public static class SqliteCopy
{
    /// <summary>
    /// Writes the state of one moment to a new file, which those may read who may read the source. The one who writes to the source goes on: it is read as of that moment, out of the write-ahead log.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The source cannot be read or the target not be written; the message says what to do.</exception>
    public static void To(string source, string target)
    {
        try
        {
            MakeAs(source, target);
            // ReadWrite: whoever reads a write-ahead log takes a read mark in its shared memory.
            using var from = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 30 }.ConnectionString);
            using var to = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = target, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false }.ConnectionString);
            from.Open();
            to.Open();
            from.BackupDatabase(to); // in one step, hence in one read transaction
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Explain(error, error.Message.Contains(target, StringComparison.Ordinal) ? target : source) ?? new StoreUnavailableException($"'{source}' cannot be copied to '{target}': {error.Message}", error);
        }
    }

    /// <summary>SQLite would make a file that everybody may read; of users and their password hashes nobody else may have a copy.</summary>
    private static void MakeAs(string source, string target)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(source)) return;
        using var made = new FileStream(target, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = File.GetUnixFileMode(source) });
    }

    /// <summary>Newest record of the intake log that a store's file has wholly, and that it has counted; 0 for none.</summary>
    /// <exception cref="StoreUnavailableException">The file is damaged or not one of a store.</exception>
    public static StoreMarks MarksOf(string file)
    {
        try
        {
            using var session = new SqliteSession(file, SqliteOpenMode.ReadWrite, TimeSpan.FromSeconds(5));
            return StoreReader.Marks(session);
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Explain(error, file) ?? new StoreUnavailableException($"'{file}' cannot be read: {error.Message}", error);
        }
    }
}
