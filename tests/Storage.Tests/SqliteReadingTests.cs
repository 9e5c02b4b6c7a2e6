using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>Raw readings in SQLite: the conformance suite, how long they are kept and what they cost.</summary>
public sealed class SqliteReadingTests(ITestOutputHelper output) : ReadingStoreConformance, IAsyncLifetime
{
    private const long Day = 86_400_000;
    private readonly TempFolder _folder = new();
    private SqliteStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        var options = _folder.Options();
        options.Raw = new() { Store = RawStore.Sqlite, KeepDays = 3 };
        options.Retention = new() { WindowDays = 2 };
        _store = new SqliteStore(options);
        await _store.OpenAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Readings_are_kept_for_their_own_time_and_not_for_that_of_their_windows()
    {
        for (var day = 0; day < 12; day++)
        {
            var commit = StoreCommit.Of([Sample.Window(startMs: Sample.T0 + (day * Day))], []);
            commit.Readings.Add(Sample.Block(startMs: Sample.T0 + (day * Day)));
            await _store.CommitAsync(commit, default);
        }

        var now = Sample.T0 + (11 * Day) + 60_000;
        await _store.RollUpAsync(now + (2 * Day), default);
        await _store.DeleteOldAsync(now, default);
        Assert.Equal(Enumerable.Range(8, 4).Select(d => Sample.T0 + (d * Day)), (await AllDaysAsync()).Select(r => r.EventMs).Where(ms => ms % 60_000 == 0));
        Assert.True((await _store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue / 2, default)).Count > 4);

        // Windows that are gone leave readings alone, and a window that comes again does not meet the old ones.
        await _store.DeleteOldAsync(now + (2 * Day), default);
        Assert.Equal(2 * 3, (await AllDaysAsync()).Count);
        await WriteAsync(Sample.Block(startMs: Sample.T0, readings: [new(Sample.T0, 9, 9)]));
        Assert.Equal(9, (await AllDaysAsync())[0].Value);
    }

    [Fact]
    public async Task A_failed_commit_leaves_no_reading_behind()
    {
        var commit = new StoreCommit();
        commit.Readings.Add(Sample.Block());
        commit.Tiles.Add(new() { Plmn = "452-04", DayMs = 0, Tile = new(3, 1, 1), Metric = "rsrp", Histogram = new(), AppliedThrough = 1 }); // a tile of that size is refused
        await Assert.ThrowsAsync<ArgumentException>(() => _store.CommitAsync(commit, default));
        Assert.Empty(await AllDaysAsync());
    }

    [Fact]
    public async Task A_city_costs_a_few_bytes_a_reading()
    {
        foreach (var (perWindow, most) in ((int, double)[])[(12, 4.5), (1, 45)])
        {
            using var folder = new TempFolder();
            var options = folder.Options();
            options.Raw = new() { Store = RawStore.Sqlite };
            await using var store = new SqliteStore(options);
            await store.OpenAsync(default);
            var random = new Random(1);
            long readings = 0, bytes = 0;
            for (var minute = 0; minute < 60; minute++)
            {
                var commit = new StoreCommit();
                for (var device = 0; device < 100; device++)
                {
                    foreach (var metric in (string[])["pm25", "pm10", "no2", "temp", "humidity"])
                    {
                        var start = Sample.T0 + (minute * 60_000);
                        var rows = Enumerable.Range(0, perWindow).Select(i => new StoredReading(start + (device * 7) + (i * 60_000 / perWindow), (minute * perWindow) + i, Math.Round(20 + (random.NextDouble() * 10), 1)));
                        var block = Sample.Block($"air-{device:d4}", metric, start, readings: [.. rows]);
                        commit.Readings.Add(block);
                        (readings, bytes) = (readings + perWindow, bytes + block.Readings.Length);
                    }
                }

                await store.CommitAsync(commit, default);
            }

            await store.DisposeAsync(); // the log is copied back
            var each = new FileInfo(Path.Combine(folder.Path, "city.db")).Length / (double)readings;
            output.WriteLine($"{perWindow} readings per window: {bytes / (double)readings:f2} bytes a reading in blocks, {each:f2} in the file, with everything else in it");
            Assert.InRange(each, 1, most);
        }
    }

    protected override Task WriteAsync(params ReadingBlock[] blocks)
    {
        var commit = new StoreCommit();
        commit.Readings.AddRange(blocks);
        return _store.CommitAsync(commit, default);
    }

    protected override Task<ReadingPage> ReadAsync(ReadingQuery query) => _store.ReadReadingsAsync(query, default);

    private async Task<IReadOnlyList<StoredReading>> AllDaysAsync() => (await ReadAsync(new("d1", "air", "pm25", 0, long.MaxValue, null, 1000))).Readings;
}
