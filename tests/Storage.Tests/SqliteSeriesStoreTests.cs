using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

public sealed class SqliteSeriesStoreTests : SeriesStoreConformance, IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private SqliteStore _store = null!;

    protected override ISeriesStore Store => _store;

    public async ValueTask InitializeAsync()
    {
        _store = new SqliteStore(_folder.Options());
        await _store.OpenAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }
}
