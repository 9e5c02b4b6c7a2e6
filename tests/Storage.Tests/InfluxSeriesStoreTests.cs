using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>The conformance suite against a real influxd, a new database for each test; and what only InfluxDB can do wrong.</summary>
public sealed class InfluxSeriesStoreTests : SeriesStoreConformance, IClassFixture<InfluxServer>, IDisposable
{
    private readonly InfluxServer _server;
    private readonly InfluxOptions _options;
    private readonly InfluxWriter _writer;
    private readonly InfluxSeriesStore _store;

    public InfluxSeriesStoreTests(InfluxServer server)
    {
        _server = server;
        _options = server.Options();
        _writer = new InfluxWriter(_options);
        _store = new InfluxSeriesStore(_options, _writer);
    }

    protected override ISeriesStore Store => _store;

    public void Dispose()
    {
        _writer.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task A_missing_database_is_created_even_with_an_odd_name()
    {
        var options = _server.Options("odd \"name\" & more=" + Guid.NewGuid().ToString("N"));
        using var writer = new InfluxWriter(options);
        using var store = new InfluxSeriesStore(options, writer);
        await store.WriteAsync([Sample.Window()], [], default);
        Assert.Single(await store.ReadDeviceAsync("d1", "pm25", 0, long.MaxValue, default));
        Assert.Empty(await _store.ReadDeviceAsync("d1", "pm25", 0, long.MaxValue, default));
    }

    [Fact]
    public async Task Lines_that_the_server_refuses_are_reported_and_the_others_taken()
    {
        await _store.WriteAsync([Sample.Window(values: [1])], [], default);
        var conflict = "reading_1m,device=d1 pm25_count=\"text\" 1764000060000\nreading_1m,device=d1 pm10_count=3i 1764000060000\n"u8;
        var outcome = await _writer.WriteAsync(LineBatcher.Compress(conflict), default);
        Assert.Equal((WriteResult.Rejected, 1), (outcome.Result, outcome.DroppedLines));
        Assert.Contains("field type conflict", outcome.Message, StringComparison.Ordinal);
        Assert.Single(await _store.ReadDeviceAsync("d1", "pm10", 0, long.MaxValue, default));
    }

    [Fact]
    public async Task A_line_that_is_no_line_is_rejected_with_the_servers_words()
    {
        var outcome = await _writer.WriteAsync(LineBatcher.Compress("no line\n"u8), default);
        Assert.Equal(WriteResult.Rejected, outcome.Result);
        Assert.StartsWith("400: ", outcome.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', outcome.Message);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_with_what_to_do()
    {
        var options = new InfluxOptions { Url = $"http://127.0.0.1:{ServerProcess.FreePort()}" };
        using var writer = new InfluxWriter(options);
        using var store = new InfluxSeriesStore(options, writer);
        var write = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.WriteAsync([Sample.Window()], [], default));
        var read = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadDeviceAsync("d1", "pm25", 0, 1, default));
        Assert.All([write, read], e => Assert.EndsWith("start it, or correct Influx:Url.", e.Message, StringComparison.Ordinal));
    }
}
