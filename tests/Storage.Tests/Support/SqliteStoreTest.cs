using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>An open SQLite store in a temporary folder, and rows for it.</summary>
public abstract class SqliteStoreTest : IAsyncLifetime
{
    protected const long T0 = Sample.T0;
    protected const long Hour = 3_600_000;

    protected TempFolder Folder { get; } = new();

    protected SqliteStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Store = new SqliteStore(Folder.Options());
        await Store.OpenAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static StoreCommit Commit(Action<StoreCommit> fill)
    {
        var commit = new StoreCommit();
        fill(commit);
        return commit;
    }

    protected static CoverageTile Tile(int x, int y, string plmn = "452-04", string metric = "rsrp", long day = T0, int samples = 1)
    {
        var histogram = new GridHistogram();
        histogram.Add(3, samples);
        return new CoverageTile { Plmn = plmn, DayMs = day, Tile = new(17, x, y), Metric = metric, Histogram = histogram, AppliedThrough = 77 };
    }

    protected static void AssertSame(DeviceWindow expected, DeviceWindow? actual)
    {
        Assert.NotNull(actual);
        Assert.Equivalent(expected, actual, strict: true);
        Assert.Equal(expected.Seen, actual.Seen);
        Assert.Equal(SeriesRow.From(0, expected.Aggregate), SeriesRow.From(0, actual.Aggregate));
    }

    protected static void AssertSame(AreaWindow expected, AreaWindow? actual)
    {
        Assert.NotNull(actual);
        Assert.Equivalent(expected, actual, strict: true);
        Assert.Equal(SeriesRow.From(0, expected.Aggregate), SeriesRow.From(0, actual.Aggregate));
    }

    protected Task Latest(long eventMs, double value) =>
        Store.CommitAsync(Commit(c => c.Latest.Add(("d1", new("air", "pm25", eventMs, value)))), default);

    protected async Task<StoreMarks> Reopen()
    {
        await Store.DisposeAsync();
        Store = new SqliteStore(Folder.Options());
        return await Store.OpenAsync(default);
    }

    protected async Task<SqliteStore> ReopenWith(Action<StorageOptions> change)
    {
        await Store.DisposeAsync();
        var options = Folder.Options();
        change(options);
        var store = new SqliteStore(options);
        await store.OpenAsync(default);
        return store;
    }
}
