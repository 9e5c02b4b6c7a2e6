using System.Buffers;
using Microsoft.Data.Sqlite;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>A file of every version that was ever released is opened, keeps what it has, and can do what is new.</summary>
public sealed class SqliteMigrationTests
{
    private const long T0 = Sample.T0;
    private const long Hour = 3_600_000;

    public static TheoryData<int> Versions => [.. Enumerable.Range(1, SqliteSchema.Version)];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_file_of_an_earlier_version_keeps_its_rows_and_learns_what_is_new(int version)
    {
        using var folder = new TempFolder();
        await MakeAsync(Path.Combine(folder.Path, SqliteDatabase.FileName), version);
        await using var store = new SqliteStore(folder.Options());
        Assert.Equal(4711, (await store.OpenAsync(default)).Checkpoint);

        var window = Assert.Single(await store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue / 2, default));
        Assert.Equal((T0, 2, 15.0, Sample.Air), (window.StartMs, window.Aggregate.Count, window.Aggregate.Mean, window.Stream));
        var letter = Assert.Single(await store.ReadDeadLettersAsync(null, 10, default));
        Assert.Equal(("bad-json", null), (letter.Reason, letter.ReplayedMs));
        Assert.Equal(2, Assert.Single(await store.ReadLedgerAsync(0, long.MaxValue, null, default), r => r.Stored > 0).Stored);

        // What came later works on what was there before.
        await store.RollUpAsync(T0 + (48 * Hour), default);
        Assert.Equal(2, Assert.Single(await store.ReadRolledAsync("d1", "pm25", 0, long.MaxValue / 2, TimeTier.Day, new HashSet<long>(), default)).Aggregate.Count);
        await store.MarkReplayedAsync([letter], T0, default);
        Assert.Equal(T0, Assert.Single(await store.ReadDeadLettersAsync(null, 10, default)).ReplayedMs);
        await store.WriteAsync([Sample.Window(startMs: T0, values: [10, 20, 30], revision: 2)], [], default);
        Assert.Equal(3, Assert.Single(await store.ReadRolledAsync("d1", "pm25", 0, long.MaxValue / 2, TimeTier.Day, new HashSet<long>(), default)).Aggregate.Count);
    }

    [Fact]
    public async Task Readings_of_an_earlier_file_begin_when_they_are_kept()
    {
        using var folder = new TempFolder();
        await MakeAsync(Path.Combine(folder.Path, SqliteDatabase.FileName), 4);
        var options = folder.Options();
        options.Raw.Store = RawStore.Sqlite;
        await using var store = new SqliteStore(options);
        await store.OpenAsync(default);
        var commit = new StoreCommit();
        commit.Readings.Add(Sample.Block());
        await store.CommitAsync(commit, default);
        Assert.Equal(3, (await store.ReadReadingsAsync(new("d1", "air", "pm25", 0, long.MaxValue, null, 10), default)).Readings.Count);
    }

    /// <summary>A file as that version left it: its tables, and a row in each that the tests look at.</summary>
    private static async Task MakeAsync(string file, int version)
    {
        var state = new ArrayBufferWriter<byte>();
        Sample.Aggregate(T0, 10, 20).WriteTo(state);
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        await connection.OpenAsync();
        async Task ExecuteAsync(string sql)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            if (sql.Contains("$state", StringComparison.Ordinal)) command.Parameters.AddWithValue("$state", state.WrittenSpan.ToArray());
            await command.ExecuteNonQueryAsync();
        }

        foreach (var script in SqliteSchema.Migrations.Take(version)) await ExecuteAsync(script);
        await ExecuteAsync($"PRAGMA user_version = {version}; PRAGMA application_id = {SqliteSchema.ApplicationId}");
        await ExecuteAsync($"""
            INSERT INTO name(id, value) VALUES (1, 'd1'), (2, 'pm25'), (3, 'bac'), (4, 'hn'), (5, 'air');
            INSERT INTO stream(id, region, unit, kind) VALUES (1, 3, 4, 5);
            INSERT INTO series(id, device, metric, stream) VALUES (1, 1, 2, 1);
            INSERT INTO window_start(id, start) VALUES (1, {T0});
            INSERT INTO device_window(id, count, late, duplicates, applied_through, revision, state, seen) VALUES ((1 << 32) | 1, 2, 0, 0, 7, 1, $state, x'');
            INSERT INTO ledger(hour, device, accepted, stored, duplicate, late) VALUES ({T0}, 1, 2, 2, 0, 0);
            INSERT INTO dead_letter(position, ordinal, arrival, topic, device, reason, detail, readings, payload) VALUES (1, 0, {T0}, 't', 'd1', 'bad-json', 'x', 1, x'7B');
            INSERT INTO mark(name, value) VALUES ('checkpoint', 4711);
            """);
    }
}
