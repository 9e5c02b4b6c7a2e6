using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>The outbox in SQLite.</summary>
public sealed class SqliteOutboxTests : OutboxConformance
{
    [Fact]
    public async Task Without_InfluxDB_nothing_waits()
    {
        using var folder = new TempFolder();
        await using var store = new SqliteStore(folder.Options(new InfluxOptions { Url = " " }));
        await store.OpenAsync(default);
        await store.CommitAsync(new StoreCommit { Windows = { Sample.Window() } }, default);
        Assert.Equal((0, 0, 0), store.Outbox.Size);
    }

    private protected override Task<OutboxHome> NewHomeAsync() => Task.FromResult<OutboxHome>(new SqliteOutboxHome());
}
