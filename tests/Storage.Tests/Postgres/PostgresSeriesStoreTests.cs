using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>The conformance suite on PostgreSQL, a new database for each test.</summary>
public sealed class PostgresSeriesStoreTests(PostgresServer server) : SeriesStoreConformance, IClassFixture<PostgresServer>, IAsyncLifetime
{
    private PostgresStore _store = null!;

    protected override ISeriesStore Store => _store;

    public async ValueTask InitializeAsync()
    {
        _store = new(new() { ConnectionString = await server.NewDatabaseAsync() });
        await _store.OpenAsync(default);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
