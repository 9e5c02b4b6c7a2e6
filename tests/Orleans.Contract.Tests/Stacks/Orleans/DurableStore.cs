using Orleans.Hosting;
using SmartCity.Storage;
using SmartCity.Storage.Tests;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>The store of a cluster: PostgreSQL through Microsoft.Orleans.Persistence.AdoNet, with the tables and statements of <see cref="OrleansSchema"/>.</summary>
public sealed class DurableStore : IAsyncDisposable
{
    private readonly PostgresServer _server = new();
    private string _connection = string.Empty;

    public async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        _connection = await _server.NewDatabaseAsync();
        OrleansSchema.Ensure(_connection);
    }

    public void AddTo(ISiloBuilder silo, string name) => silo.AddAdoNetGrainStorage(name, o => (o.Invariant, o.ConnectionString) = ("Npgsql", _connection));

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
