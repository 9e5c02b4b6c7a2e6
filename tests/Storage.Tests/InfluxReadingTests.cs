using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>Raw readings in a real influxd, through the outbox: the conformance suite, outages and what a full outbox does.</summary>
public sealed class InfluxReadingTests(InfluxServer server) : ReadingStoreConformance, IClassFixture<InfluxServer>, IAsyncLifetime
{
    private readonly InfluxOptions _options = server.Options();
    private OutboxRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await OutboxRig.StartAsync(_options, home: new SqliteOutboxHome(RawStore.Influx));

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData(RawStore.Influx)]
    [InlineData(RawStore.Both)]
    public async Task A_full_outbox_costs_no_reading(RawStore raw)
    {
        var options = server.Options();
        options.MaxOutboxBytes = 1500; // a commit or two
        await using var rig = await OutboxRig.StartAsync(options, pump: false, home: new SqliteOutboxHome(raw));
        for (var minute = 0; minute < 10; minute++)
        {
            for (var revision = 1; revision <= 2; revision++)
            {
                var start = Sample.T0 + (minute * 60_000);
                var commit = StoreCommit.Of([Sample.Window(startMs: start, revision: revision)], []);
                commit.Readings.Add(Sample.Block(startMs: start, readings: [new(start + revision, revision, minute)]));
                await rig.Store.CommitAsync(commit, default);
            }
        }

        Assert.True(rig.Outbox.Size is { Chunks: > 0, Starts: > 0 });
        Assert.True(rig.Outbox.Size.Bytes <= options.MaxOutboxBytes);
        var here = (await rig.Store.ReadReadingsAsync(All, default)).Readings.Count;
        Assert.True(raw == RawStore.Both ? here == 20 : here is > 0 and < 20, $"{here} readings are in the store."); // those whose lines did not fit
        // Retention does not take what nothing else has.
        await ((SqliteStore)rig.Store).DeleteOldAsync(Sample.T0 + (400 * 86_400_000L), default);
        await rig.StopAsync();
        await rig.OpenAsync();
        await rig.PumpAsync();
        await rig.UntilEmptyAsync();
        using var history = new InfluxHistory(options, rig.Outbox, rig.Status, TimeProvider.System);
        Assert.Equal(
            Enumerable.Range(0, 20).Select(i => Sample.T0 + (i / 2 * 60_000) + (i % 2) + 1L), (await history.ReadReadingsAsync(All, default))!.Readings.Select(r => r.EventMs));
        await ((SqliteStore)rig.Store).DeleteOldAsync(Sample.T0, default);
        if (raw == RawStore.Influx) Assert.Empty((await rig.Store.ReadReadingsAsync(All, default)).Readings); // they were there for the outbox only
    }

    [Fact]
    public async Task A_server_that_cannot_be_read_gives_nothing_and_says_so()
    {
        using var history = new InfluxHistory(new() { Url = $"http://127.0.0.1:{ServerProcess.FreePort()}" }, _rig.Outbox, _rig.Status, TimeProvider.System);
        Assert.Null(await history.ReadReadingsAsync(All, default));
    }

    protected override async Task WriteAsync(params ReadingBlock[] blocks)
    {
        var commit = new StoreCommit();
        commit.Readings.AddRange(blocks);
        await _rig.Store.CommitAsync(commit, default);
        await _rig.UntilEmptyAsync();
    }

    protected override async Task<ReadingPage> ReadAsync(ReadingQuery query)
    {
        using var history = new InfluxHistory(_options, _rig.Outbox, _rig.Status, TimeProvider.System);
        return (await history.ReadReadingsAsync(query, default))!;
    }

    private static ReadingQuery All => new("d1", "air", "pm25", 0, long.MaxValue, null, 1000);
}
