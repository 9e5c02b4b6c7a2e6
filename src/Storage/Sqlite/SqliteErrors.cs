using Microsoft.Data.Sqlite;
using SmartCity.Contracts;
using SQLitePCL;

namespace SmartCity.Storage;

/// <summary>Turns what SQLite says into one line that says what to do.</summary>
internal static class SqliteErrors
{
    /// <summary>Null when the error is not about the store's surroundings (then it is a fault of ours and stays what it is).</summary>
    public static StoreUnavailableException? Explain(SqliteException error, string file)
    {
        var folder = Path.GetDirectoryName(file);
        var advice = error.SqliteErrorCode switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => $"The database '{file}' is locked by another program: close that program, then try again.",
            raw.SQLITE_NOTADB => $"The file '{file}' is not a database of this program: move it away, or set Data to another folder.",
            raw.SQLITE_CORRUPT => $"The database '{file}' is damaged: restore it from a backup, or move it away to start with an empty one.",
            raw.SQLITE_FULL => $"The disk of '{folder}' is full: free space, or set Data to a folder on another disk.",
            raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_CANTOPEN or raw.SQLITE_AUTH =>
                $"The database '{file}' cannot be written: give this user write permission there, or set Data to another folder.",
            raw.SQLITE_IOERR => $"The disk of '{folder}' reports an error ({error.Message}): check the disk, or set Data to a folder on another one.",
            _ => null,
        };
        return advice is null ? null : new StoreUnavailableException(advice, error);
    }
}
