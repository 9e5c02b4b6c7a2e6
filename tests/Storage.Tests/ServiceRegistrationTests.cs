using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

public sealed class ServiceRegistrationTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [Fact]
    public async Task Without_InfluxDB_only_the_store_and_its_upkeep_are_registered()
    {
        using var folder = new TempFolder();
        await using var services = new ServiceCollection().AddSmartCityStorage(folder.Options()).BuildServiceProvider();
        Assert.Equal(-1, (await services.GetRequiredService<ITelemetryStore>().OpenAsync(default)).Checkpoint);
        Assert.IsType<RollupService>(Assert.Single(services.GetServices<IHostedService>()));
        Assert.Null(services.GetService<InfluxOutboxStatus>());
    }

    [Fact]
    public async Task With_InfluxDB_a_hosted_pump_sends_what_is_committed_through_the_registered_client()
    {
        using var folder = new TempFolder();
        var client = new RecordingClient();
        var collection = new ServiceCollection().AddSingleton<ILineProtocolClient>(client);
        await using var services = collection.AddSmartCityStorage(folder.Options(new InfluxOptions { Url = "http://127.0.0.1:9" })).BuildServiceProvider();
        var pump = Assert.Single(services.GetServices<IHostedService>().OfType<InfluxOutboxPump>());
        await pump.StartAsync(default); // before the store is open, as a host may do
        var store = services.GetRequiredService<ITelemetryStore>();
        await store.OpenAsync(default);
        await store.CommitAsync(new StoreCommit { Windows = { Sample.Window() } }, default);
        await client.Written.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await pump.StopAsync(default);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shared_store_comes_with_a_pump_when_there_is_an_InfluxDB(bool withInflux)
    {
        var client = new RecordingClient();
        var options = new PostgresOptions { ConnectionString = await server.NewDatabaseAsync(), Influx = withInflux ? new() { Url = "http://127.0.0.1:9" } : null };
        await using var services = new ServiceCollection().AddSingleton<ILineProtocolClient>(client).AddSmartCitySharedStorage(options).BuildServiceProvider();
        var pumps = services.GetServices<IHostedService>().ToList();
        Assert.Equal(withInflux ? 1 : 0, pumps.Count);
        foreach (var pump in pumps) await pump.StartAsync(default); // before the store is open, as a host may do
        var store = services.GetRequiredService<ITelemetryStore>();
        await store.OpenAsync(default);
        await store.CommitAsync(new StoreCommit { Windows = { Sample.Window() } }, default);
        if (withInflux) await client.Written.Task.WaitAsync(TimeSpan.FromSeconds(30));
        foreach (var pump in pumps) await pump.StopAsync(default);
    }

    [Fact]
    public async Task A_container_that_is_disposed_synchronously_frees_the_folder()
    {
        using var folder = new TempFolder();
        using (var services = new ServiceCollection().AddSmartCityStorage(folder.Options()).BuildServiceProvider())
            await services.GetRequiredService<ITelemetryStore>().OpenAsync(default);
        await using var again = new SqliteStore(folder.Options());
        await again.OpenAsync(default);
    }

    [Fact]
    public void Bad_options_are_refused_at_registration() => Assert.Throws<ArgumentException>(
        () => new ServiceCollection().AddSmartCityStorage(new StorageOptions { Influx = new InfluxOptions { Url = "not an address" } }));

    private sealed class RecordingClient : ILineProtocolClient
    {
        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<WriteOutcome> WriteAsync(ReadOnlyMemory<byte> gzipLines, LineTarget target, CancellationToken cancellationToken)
        {
            Written.TrySetResult();
            return Task.FromResult(WriteOutcome.Accepted);
        }
    }
}
