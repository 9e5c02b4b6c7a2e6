using Microsoft.Data.Sqlite;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>What retention deletes is given back to the disk, without a commit waiting for it, and with nothing else harmed.</summary>
public sealed class SqliteShrinkTests : IDisposable
{
    private const long Day = 86_400_000;
    private const int Days = 20;
    private readonly TempFolder _folder = new();

    private string File => Path.Combine(_folder.Path, SqliteDatabase.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Space_of_deleted_rows_goes_back_to_the_disk_while_commits_go_on()
    {
        long before;
        await using (var store = await FilledAsync())
        {
            Assert.Equal(0, await store.ShrinkAsync(default)); // nothing is free yet
            before = Scalar("PRAGMA page_count");
            Assert.True(await store.DeleteOldAsync(Sample.T0 + (Days * Day), default) > 0);
            Assert.Equal(before, Scalar("PRAGMA page_count"));

            var committing = CommitAsync(store);
            var given = await store.ShrinkAsync(default);
            await committing;
            Assert.Equal(0, given % (8192 * 512)); // whole steps
            Assert.InRange(given / 8192, before / 4, before);
            Assert.Equal("ok", Text("PRAGMA integrity_check"));
            Assert.Equal(100, (await store.ReadWindowsAsync("d-7", "pm25", Sample.T0 + ((Days + 1) * Day), long.MaxValue / 2, default)).Count);
            Assert.Equal(0, await store.ShrinkAsync(default)); // a quarter of the file stays for the rows to come
            Assert.InRange(Scalar("PRAGMA freelist_count"), 1, (Scalar("PRAGMA page_count") / 4) + 512);
        }

        Assert.InRange(new FileInfo(File).Length, 1, before * 8192 * 3 / 4);
    }

    [Fact]
    public async Task A_file_of_an_earlier_version_shrinks_after_it_was_compacted()
    {
        await using (var store = await FilledAsync()) Assert.True(await store.DeleteOldAsync(Sample.T0 + (Days * Day), default) > 0);
        Execute("PRAGMA auto_vacuum = NONE; VACUUM");
        await using (var store = await OpenAsync())
        {
            await FillAsync(store);
            Assert.True(await store.DeleteOldAsync(Sample.T0 + (Days * Day), default) > 0);
            Assert.Equal(0, await store.ShrinkAsync(default));
            var inUse = Assert.Throws<StoreUnavailableException>(() => SqliteCompaction.Run(_folder.Path));
            Assert.Contains("is in use by another process: stop that process", inUse.Message, StringComparison.Ordinal);
        }

        var (before, after) = SqliteCompaction.Run(_folder.Path);
        Assert.InRange(after, 1, before / 2);
        Assert.Equal(new FileInfo(File).Length, after);
        Assert.Equal((0L, 2L), (Scalar("PRAGMA freelist_count"), Scalar("PRAGMA auto_vacuum")));
        await using (var store = await OpenAsync())
        {
            await FillAsync(store);
            Assert.True(await store.DeleteOldAsync(Sample.T0 + (Days * Day), default) > 0);
            Assert.True(await store.ShrinkAsync(default) > 0);
        }

        Assert.Equal("ok", Text("PRAGMA integrity_check"));
    }

    [Fact]
    public void A_folder_without_a_database_is_named() => Assert.Contains(
        "There is no '" + File + "': name the data folder with --data.", Assert.Throws<StoreUnavailableException>(() => SqliteCompaction.Run(_folder.Path)).Message, StringComparison.Ordinal);

    private async Task<SqliteStore> FilledAsync()
    {
        var store = await OpenAsync();
        await FillAsync(store);
        return store;
    }

    private async Task<SqliteStore> OpenAsync()
    {
        var options = _folder.Options();
        options.Retention = new() { WindowDays = 2, QuarterDays = 2, HourDays = 2 };
        var store = new SqliteStore(options);
        await store.OpenAsync(default);
        return store;
    }

    /// <summary>Some 50 MiB of windows of the first days, rolled up.</summary>
    private static async Task FillAsync(SqliteStore store)
    {
        for (var day = 0; day < 5; day++)
        {
            var commit = new StoreCommit();
            commit.Windows.AddRange(Sample.City(20_000, Sample.T0 + (day * Day), day));
            await store.CommitAsync(commit, default);
        }

        await store.RollUpAsync(Sample.T0 + (Days * Day), default);
    }

    private static async Task CommitAsync(SqliteStore store)
    {
        for (var i = 0; i < 100; i++) await store.WriteAsync([Sample.Window("d-7", startMs: Sample.T0 + ((Days + 1) * Day) + (i * 60_000), values: [i])], [], default);
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private long Scalar(string sql) => long.Parse(Text(sql), System.Globalization.CultureInfo.InvariantCulture);

    private string Text(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture)!;
    }
}
