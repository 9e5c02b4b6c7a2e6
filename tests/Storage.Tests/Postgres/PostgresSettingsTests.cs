using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>What processes that share a store must agree on, and what each of them holds while it lives.</summary>
public sealed class PostgresSettingsTests(PostgresServer server) : IClassFixture<PostgresServer>, IAsyncLifetime
{
    private string _database = string.Empty;

    public async ValueTask InitializeAsync() => _database = await server.NewDatabaseAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Another_window_size_is_refused_for_ever_with_the_option_both_values_and_what_to_do()
    {
        await using (var first = Store(new("Window:Seconds", "60", IsFixed: true))) await first.OpenAsync(default);
        await using var other = Store(new SharedSetting("Window:Seconds", "10", IsFixed: true));
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => other.OpenAsync(default));
        Assert.StartsWith("Window:Seconds is 10 here and 60 in the store at 127.0.0.1:", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("Write Window:Seconds=60, or choose another database.", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task Another_lateness_is_refused_while_a_process_is_there_and_taken_by_one_that_is_alone()
    {
        var first = Store(new SharedSetting("Window:LatenessSeconds", "120"));
        await first.OpenAsync(default);
        await using var same = Store(new SharedSetting("Window:LatenessSeconds", "120"));
        await same.OpenAsync(default);
        await first.DisposeAsync();
        await using var other = Store(new SharedSetting("Window:LatenessSeconds", "30"));
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => other.OpenAsync(default));
        Assert.StartsWith("Window:LatenessSeconds is 30 here and 120 in the other processes of the cluster", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("Write Window:LatenessSeconds=120, or stop the others and start them with the new value.", refused.Message, StringComparison.Ordinal);

        await same.DisposeAsync();
        await other.OpenAsync(default);
        await using var old = Store(new SharedSetting("Window:LatenessSeconds", "120"));
        Assert.Contains("is 120 here and 30 in the other", (await Assert.ThrowsAsync<StoreUnavailableException>(() => old.OpenAsync(default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_the_others_leave_out_is_to_be_left_out()
    {
        await using var first = Store(new SharedSetting("Influx:Url", ""));
        await first.OpenAsync(default);
        await using var other = Store(new SharedSetting("Influx:Url", "http://127.0.0.1:8086"));
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => other.OpenAsync(default));
        Assert.Contains("is http://127.0.0.1:8086 here and not set in the other processes", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Leave Influx:Url out, or", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_processes_that_start_together_with_different_values_one_is_refused()
    {
        var stores = Enumerable.Range(0, 8).Select(i => Store(new SharedSetting("Window:LatenessSeconds", i < 4 ? "1" : "2"))).ToList();
        var opened = await Task.WhenAll(stores.Select(async store =>
        {
            try
            {
                await store.OpenAsync(default);
                return true;
            }
            catch (StoreUnavailableException)
            {
                return false;
            }
        }));
        Assert.Contains(opened, o => o);
        Assert.True(opened[..4].All(o => o) && !opened[4..].Any(o => o) || opened[4..].All(o => o) && !opened[..4].Any(o => o), string.Join(' ', opened));
        foreach (var store in stores) await store.DisposeAsync();
    }

    [Fact]
    public async Task What_a_process_holds_it_holds_again_after_the_server_was_restarted()
    {
        await using var gateway = new PostgresStore(new() { ConnectionString = _database, GatewayName = "g1", Settings = [new("Window:LatenessSeconds", "120")] });
        await gateway.OpenAsync(default);
        await server.RestartAsync();
        await CommitAsync(gateway);
        await using var copy = new PostgresStore(new() { ConnectionString = _database, GatewayName = "g1" });
        Assert.Contains("at work already", (await Assert.ThrowsAsync<StoreUnavailableException>(() => copy.OpenAsync(default))).Message, StringComparison.Ordinal);
        await using var other = Store(new SharedSetting("Window:LatenessSeconds", "30"));
        Assert.Contains("in the other processes", (await Assert.ThrowsAsync<StoreUnavailableException>(() => other.OpenAsync(default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_whose_name_was_taken_while_the_server_was_restarted_commits_nothing()
    {
        await using var gateway = new PostgresStore(new() { ConnectionString = _database, GatewayName = "g1" });
        await gateway.OpenAsync(default);
        await server.RestartAsync();
        await using var copy = new PostgresStore(new() { ConnectionString = _database, GatewayName = "g1" });
        await copy.OpenAsync(default);
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => gateway.CommitAsync(new() { Checkpoint = 5 }, default));
        Assert.Contains("at work already", refused.Message, StringComparison.Ordinal);
        Assert.Equal(-1, (await copy.OpenAsync(default)).Checkpoint);
    }

    private PostgresStore Store(SharedSetting setting) => new(new() { ConnectionString = _database, Settings = [setting] });

    private static async Task CommitAsync(PostgresStore store)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var tries = 0; ; tries++)
        {
            try
            {
                await store.CommitAsync(new() { Checkpoint = 1 }, default);
                return;
            }
            catch (StoreUnavailableException) when (tries < 500)
            {
                await timer.WaitForNextTickAsync();
            }
        }
    }
}
