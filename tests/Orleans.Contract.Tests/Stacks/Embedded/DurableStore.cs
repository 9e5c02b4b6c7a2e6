using Orleans.Hosting;
using SmartCity.Storage;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>The store of one machine: a file.</summary>
public sealed class DurableStore : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smartcity-states-").FullName;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public void AddTo(ISiloBuilder silo, string name) => silo.AddSqliteGrainStorage(name, _folder);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
