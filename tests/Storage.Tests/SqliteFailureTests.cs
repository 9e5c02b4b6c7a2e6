using Microsoft.Data.Sqlite;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>Crashes, failing commits and folders that cannot be used.</summary>
public sealed class SqliteFailureTests : IDisposable
{
    private const long T0 = Sample.T0;
    private readonly TempFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "city.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_process_killed_between_or_inside_commits_leaves_each_commit_whole_or_absent()
    {
        for (var round = 0; round < 3; round++)
        {
            using var child = CrashChild.Start(_folder.Path);
            var returned = await child.CommittedAsync(10 + (round * 7));
            await child.KillAsync();

            await using var store = new SqliteStore(_folder.Options());
            var marks = await store.OpenAsync(default);
            Assert.True(marks.Checkpoint >= returned, $"Commit {returned} had returned, the store knows {marks.Checkpoint}.");
            for (var device = 0; device < CrashChild.WindowsPerCommit; device++)
            {
                var rows = await store.ReadWindowsAsync($"d{device}", "pm25", T0, T0 + ((marks.Checkpoint + 1) * 60_000), default);
                Assert.Equal(marks.Checkpoint + 1, rows.Count);
            }

            if (round == 0) Assert.Equal(marks.Checkpoint + 1, (await store.ReadLedgerAsync(T0, T0 + 1, "d0", default))[0].Accepted);
        }
    }

    [Fact]
    public async Task A_second_process_cannot_use_the_folder_until_the_first_is_gone()
    {
        using var child = CrashChild.Start(_folder.Path);
        await child.CommittedAsync(0);
        await using var store = new SqliteStore(_folder.Options());
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(default));
        Assert.Equal($"The data folder '{_folder.Path}' is in use by another process: stop that process, or set Data to another folder.", error.Message);
        await child.KillAsync();
        Assert.True((await store.OpenAsync(default)).Checkpoint >= 0);
    }

    [Fact]
    public async Task A_second_store_in_this_process_cannot_use_the_folder_either()
    {
        await using var first = await OpenAsync();
        await using var second = new SqliteStore(_folder.Options());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => second.OpenAsync(default));
        await first.CommitAsync(Full(), default);
    }

    [Theory]
    [InlineData("device_window")]
    [InlineData("area_window")]
    [InlineData("latest")]
    [InlineData("device")]
    [InlineData("tile")]
    [InlineData("ledger")]
    [InlineData("rejected")]
    [InlineData("dead_letter")]
    [InlineData("mark")]
    [InlineData("outbox")]
    [InlineData("series")]
    public async Task A_commit_that_fails_at_any_table_leaves_nothing_and_works_when_tried_again(string table)
    {
        await using var store = await OpenAsync(new InfluxOptions { Url = "http://127.0.0.1:9" });
        await store.CommitAsync(Full("before"), default);
        Execute($"CREATE TRIGGER fault BEFORE INSERT ON \"{table}\" BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END");
        var before = await SnapshotAsync(store);
        var error = await Assert.ThrowsAsync<SqliteException>(() => store.CommitAsync(Full("after"), default));
        Assert.Contains("the disk is on fire", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await SnapshotAsync(store));

        Execute("DROP TRIGGER fault");
        await store.CommitAsync(Full("after"), default);
        Assert.Equal(2, (await store.ReadWindowsAsync("before", "pm25", 0, long.MaxValue, default)).Count + (await store.ReadWindowsAsync("after", "pm25", 0, long.MaxValue, default)).Count);
        Assert.Equal(2, (await store.ReadDeadLettersAsync(null, 9, default)).Count);
        Assert.Equal(2, (await store.ReadLedgerAsync(0, long.MaxValue, null, default)).Sum(r => r.Rejected[RejectReason.BadJson]));
        Assert.Equal(2, store.Outbox.Size.Chunks);
    }

    [Fact]
    public async Task A_commit_with_a_row_that_cannot_be_encoded_leaves_nothing()
    {
        await using var store = await OpenAsync();
        var commit = Full();
        commit.Windows.Add(Broken());
        var before = await SnapshotAsync(store);
        await Assert.ThrowsAsync<NullReferenceException>(() => store.CommitAsync(commit, default));
        Assert.Equal(before, await SnapshotAsync(store));
        await store.CommitAsync(Full(), default);
        Assert.NotEqual(before, await SnapshotAsync(store));
    }

    [Fact]
    public async Task A_database_locked_by_another_program_fails_the_commit_with_advice_and_works_afterwards()
    {
        var options = _folder.Options();
        options.BusyTimeout = TimeSpan.FromMilliseconds(20);
        await using var store = new SqliteStore(options);
        await store.OpenAsync(default);
        using (var other = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            other.Open();
            using var transaction = other.BeginTransaction();
            var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CommitAsync(Full(), default));
            Assert.Equal($"The database '{File}' is locked by another program: close that program, then try again.", error.Message);
            Assert.Empty(await store.ListDevicesAsync(default)); // readers do not wait
        }

        await store.CommitAsync(Full(), default);
        Assert.Single(await store.ListDevicesAsync(default));
    }

    [Fact]
    public async Task A_database_locked_by_another_program_cannot_be_opened_and_says_so()
    {
        await using (await OpenAsync())
        {
        }

        using var other = new SqliteConnection($"Data Source={File};Pooling=False");
        other.Open();
        using var transaction = other.BeginTransaction();
        var options = _folder.Options();
        options.BusyTimeout = TimeSpan.FromMilliseconds(20);
        await using var store = new SqliteStore(options);
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(default));
        Assert.Contains("is locked by another program", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_created_is_named_with_what_to_do()
    {
        var file = Path.Combine(_folder.Path, "file");
        await System.IO.File.WriteAllTextAsync(file, "");
        foreach (var folder in (string[])[Path.Combine(file, "data"), file, "/proc/smartcity"])
        {
            await using var store = new SqliteStore(new StorageOptions { DataFolder = folder });
            var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(default));
            Assert.StartsWith($"The data folder '{folder}' cannot be", error.Message, StringComparison.Ordinal);
            Assert.Contains("set Data to", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_named_with_what_to_do()
    {
        // Permission bits do not bind root, /proc does: it exists, can be read, and takes no file.
        await using var store = new SqliteStore(new StorageOptions { DataFolder = "/proc" });
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(default));
        Assert.StartsWith("The data folder '/proc' cannot be written (", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("): give this user write permission there, or set Data to another folder.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_a_database_is_left_alone()
    {
        var text = new string('x', 10_000);
        await System.IO.File.WriteAllTextAsync(File, text);
        await RefusedAsync($"The file '{File}' is not a database of this program: move it away, or set Data to another folder.");
        Assert.Equal(text, await System.IO.File.ReadAllTextAsync(File));
    }

    [Fact]
    public async Task A_database_of_another_program_is_left_alone()
    {
        Execute("CREATE TABLE theirs(x)");
        await RefusedAsync($"The database '{File}' belongs to another program: move it away, or set Data to another folder.");
        Execute("SELECT * FROM theirs");
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused()
    {
        await using (await OpenAsync())
        {
        }

        Execute("PRAGMA user_version = 99");
        await RefusedAsync(
            $"The database '{File}' was written by a newer version of this program (schema 99; this one knows up to {SqliteSchema.Version}): "
            + "run that version, or set Data to another folder.");
    }

    [Fact]
    public async Task A_folder_is_free_again_after_opening_failed()
    {
        await System.IO.File.WriteAllTextAsync(File, "junk that is long enough to be read as a header, which it is not, as anybody can see at once. "
            + "And some more of it so that it has a hundred bytes.");
        await using var store = new SqliteStore(_folder.Options());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(default));
        System.IO.File.Delete(File);
        Assert.Equal(-1, (await store.OpenAsync(default)).Checkpoint);
    }

    [Theory]
    [InlineData(13, "The disk of '/data' is full: free space")]
    [InlineData(8, "The database '/data/city.db' cannot be written: give this user write permission")]
    [InlineData(10, "The disk of '/data' reports an error (what SQLite said): check the disk")]
    [InlineData(11, "The database '/data/city.db' is damaged: restore it")]
    [InlineData(1, null)]
    public void Errors_of_the_surroundings_say_what_to_do(int code, string? advice)
    {
        var explained = SqliteErrors.Explain(new SqliteException("what SQLite said", code), "/data/city.db");
        if (advice is null) Assert.Null(explained);
        else Assert.StartsWith(advice, explained!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 60, "Data is empty")]
    [InlineData("x", 0, "Window:Seconds is 0")]
    public void Options_that_cannot_work_are_named(string folder, int seconds, string message) => Assert.StartsWith(
        message, Assert.Throws<ArgumentException>(() => new SqliteStore(new StorageOptions { DataFolder = folder, WindowSeconds = seconds })).Message, StringComparison.Ordinal);

    private static DeviceWindow Broken() => new()
    {
        DeviceId = "z",
        Stream = Sample.Air,
        Metric = "m",
        StartMs = T0 + 999_960_000, // sorts behind the good rows
        Aggregate = null!,
    };

    private static StoreCommit Full(string device = "d1")
    {
        var histogram = new GridHistogram();
        histogram.Add(1);
        var commit = new StoreCommit { Checkpoint = 5, AcceptedThrough = 6 };
        commit.Windows.Add(Sample.Window(device));
        commit.Areas.Add(Sample.Area(device));
        commit.Latest.Add((device, new("air", "pm25", T0, 1)));
        commit.Devices.Add(new DeviceRecord { Id = device, Stream = Sample.Air, RegisteredMs = 1, LastSeenMs = 2 });
        commit.Tiles.Add(new CoverageTile { Plmn = device, DayMs = T0, Tile = new(17, 1, 2), Metric = "rsrp", Histogram = histogram, AppliedThrough = 1 });
        commit.DeadLetters.Add(Sample.Dead(device.Length, device: device));
        commit.Accepted.Add(new(device, T0, 1));
        return commit;
    }

    private async Task<SqliteStore> OpenAsync(InfluxOptions? influx = null)
    {
        var store = new SqliteStore(_folder.Options(influx));
        await store.OpenAsync(default);
        return store;
    }

    private async Task RefusedAsync(string message)
    {
        await using var store = new SqliteStore(_folder.Options());
        Assert.Equal(message, (await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(default))).Message);
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Every row of every table, as text.</summary>
    private async Task<string> SnapshotAsync(SqliteStore store)
    {
        await store.LoadLatestAsync("d1"); // fails when the store's readers are broken
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        var text = new System.Text.StringBuilder();
        foreach (var table in Query(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"))
        {
            text.Append(table).Append('\n');
            foreach (var row in Query(connection, $"SELECT * FROM \"{table}\"")) text.Append(row).Append('\n');
        }

        return text.ToString();
    }

    private static List<string> Query(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount)
                .Select(i => reader.GetValue(i) is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))));
        }

        return rows;
    }
}
