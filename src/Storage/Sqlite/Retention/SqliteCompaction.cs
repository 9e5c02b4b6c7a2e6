using Microsoft.Data.Sqlite;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Rewrites the database of a data folder that no process uses, without its free space.</summary>
public static class SqliteCompaction
{
    /// <summary>Rewrites the file. Files of earlier versions give deleted space back by themselves from then on.</summary>
    /// <returns>Bytes of the file before and after.</returns>
    /// <param name="dataFolder">The data folder; it needs as much free space on its disk as the file has rows.</param>
    /// <exception cref="StoreUnavailableException">There is no database, another process uses it, or the disk has too little space; the message says what to do.</exception>
    public static (long Before, long After) Run(string dataFolder)
    {
        var file = Path.Combine(Path.GetFullPath(dataFolder), SqliteDatabase.FileName);
        if (!File.Exists(file)) throw new StoreUnavailableException($"There is no '{file}': name the data folder with --data.");
        using var database = SqliteDatabase.Open(new StorageOptions { DataFolder = dataFolder });
        try
        {
            Checkpoint(database);
            var before = new FileInfo(file).Length;
            database.Writer.Execute("PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
            Checkpoint(database);
            return (before, new FileInfo(file).Length);
        }
        catch (SqliteException error) when (SqliteErrors.Explain(error, file) is { } explained)
        {
            throw explained;
        }
    }

    // The write-ahead log goes into the file, so that its length is what it takes.
    private static void Checkpoint(SqliteDatabase database) => database.Writer.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
}
