using System.Globalization;
using System.Text.Json;

namespace SmartCity.Storage.Tests;

/// <summary>The v2 write API against VictoriaMetrics, read back through its own export.</summary>
public class InfluxV2WriteTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly string _address = $"127.0.0.1:{ServerProcess.FreePort()}";
    private ServerProcess _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.StartAsync(
            "victoria-metrics",
            [$"-httpListenAddr={_address}", $"-storageDataPath={_folder.Path}/data", "-retentionPeriod=100y", "-search.latencyOffset=0"],
            "started VictoriaMetrics");
        await ServerProcess.WaitForPortAsync(int.Parse(_address.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The implementation under test.</summary>
    private protected virtual ILineProtocolClient CreateClient(InfluxOptions options) => new InfluxWriter(options);

    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Windows_written_through_the_v2_api_read_back()
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://{_address}") };
        var writer = CreateClient(new InfluxOptions { Url = http.BaseAddress.ToString(), Org = "my org & co", Token = "secret", Database = "city" });
        var window = Sample.Window("452-04-0A1B2C3D4", "RRU.PrbTotDl", values: [1, 2, 4]);
        var second = Sample.Window("452-04-0A1B2C3D4", "RRU.PrbTotDl", Sample.T0 + 60_000, [0.1]);
        foreach (var chunk in LineProtocol.Chunks([window, second], [Sample.Area("hn", "air,=\" x", values: [8])], new InfluxOptions()))
            Assert.Equal(WriteOutcome.Accepted, await writer.WriteAsync(chunk.Body, default));
        Assert.True((await http.GetAsync("/internal/force_flush")).IsSuccessStatusCode);

        var series = new Dictionary<string, JsonElement>();
        var export = await http.GetStringAsync("/api/v1/export?match[]=" + Uri.EscapeDataString("{__name__!=\"\"}"));
        foreach (var line in export.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var row = JsonDocument.Parse(line).RootElement;
            series.Add(row.GetProperty("metric").GetProperty("__name__").GetString()!, row);
        }

        Assert.Equal(22, series.Count);
        var mean = series["reading_1m_RRU.PrbTotDl_mean"];
        Assert.Equal("452-04-0A1B2C3D4", mean.GetProperty("metric").GetProperty("device").GetString());
        Assert.Equal([Sample.T0, Sample.T0 + 60_000], mean.GetProperty("timestamps").EnumerateArray().Select(t => t.GetInt64()));
        var values = mean.GetProperty("values").EnumerateArray().Select(v => double.Parse(v.GetRawText(), CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(window.Aggregate.Mean, values[0], 1e-9); // VictoriaMetrics keeps about twelve digits
        Assert.Equal(0.1, values[1], 1e-9);
        var area = series["area_1m_pm25_count"];
        Assert.Equal("air,=\" x", area.GetProperty("metric").GetProperty("kind").GetString());
        Assert.Equal(1, area.GetProperty("values")[0].GetInt32());
    }
}
