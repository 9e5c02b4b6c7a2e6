using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace SmartCity.Silo.Tests;

/// <summary>A mapping is fixed, what was refused for want of it is replayed, and what comes is read by it, also after a kill and from a backup.</summary>
public sealed class MappingTests : IDisposable
{
    private static readonly Dictionary<string, string> s_rename = new() { ["PWR"] = "power" };
    private readonly string _root = Directory.CreateTempSubdirectory("smartcity-mapping-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_mapping_is_fixed_and_counts_for_what_was_refused_and_for_what_comes()
    {
        await using var silo = await SiloProcess.StartAsync(KeptStream.Options);
        var start = (Api.NowMs / 1000 * 1000) - 60_000;
        await PublishAsync(silo, start, 0);
        var letter = (await silo.WaitForAsync("/api/v1/deadletters", d => d.Items().Count == 1, "the dead letter")).Items()[0];
        Assert.Contains("Topic 'plant/7/press-1'", letter.Text("detail"), StringComparison.Ordinal);

        using var created = await silo.Http.PostAsJsonAsync("/api/v1/mappings", new { filter = "plant/+/+", to = "city/nam/bd/energy/{2}", rename = s_rename });
        Assert.Equal((HttpStatusCode.Created, "/api/v1/mappings/m1"), (created.StatusCode, created.Headers.Location?.OriginalString));
        var report = await ReplayAsync(silo);
        Assert.Equal((1, 1), (report.Number("matched"), report.Number("replayed")));
        await PublishAsync(silo, start, 1);
        await RowsAsync(silo, start, 2);

        await silo.KillAsync();
        await silo.StartAgainAsync();
        await PublishAsync(silo, start, 2);
        await RowsAsync(silo, start, 3);
        Assert.Equal("plant/+/+", Assert.Single((await silo.GetAsync("/api/v1/mappings")).Items()).Text("filter"));

        // A copy has it too.
        var (backup, copy) = (Path.Combine(_root, "backup"), Path.Combine(_root, "copy"));
        foreach (var command in (string[][])[["backup", backup, "--data", silo.DataFolder], ["restore", backup, "--data", copy]])
        {
            var (code, _, errors) = await SiloProcess.RunToEndAsync(command);
            Assert.True(code == 0, string.Join('\n', errors));
        }

        Assert.True(File.ReadAllBytes(Path.Combine(silo.DataFolder, "mappings.json")).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(copy, "mappings.json"))));

        using var changed = await silo.Http.PutAsJsonAsync("/api/v1/mappings/m1", new { filter = "plant/+/+", to = "city/nam/sg/energy/{2}", rename = s_rename });
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal("city/nam/sg/energy/{2}", (await silo.GetAsync("/api/v1/mappings/m1")).Text("to"));
        using var deleted = await silo.Http.DeleteAsync("/api/v1/mappings/m1");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await PublishAsync(silo, start, 3);
        await silo.WaitForAsync("/api/v1/deadletters", d => d.Items().Count == 2, "a dead letter again");
        await RowsAsync(silo, start, 3);
        Assert.Equal(0, (await silo.LedgerAsync(5)).Number("balance"));
    }

    [Fact]
    public async Task What_cannot_be_used_is_refused_with_what_would_be_right()
    {
        await using var silo = await SiloProcess.StartAsync();
        using var wrong = await silo.Http.PostAsJsonAsync("/api/v1/mappings", new { filter = "plant/#/x", to = "city/nam/sg/air/a" });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("'#' for all that follow and only at the end", (await wrong.Content.ReadFromJsonAsync<JsonElement>()).Text("detail"), StringComparison.Ordinal);
        Assert.Contains("There is no mapping 'm5'", await silo.ProblemAsync("/api/v1/mappings/m5", HttpStatusCode.NotFound), StringComparison.Ordinal);
        using var unknown = await silo.Http.DeleteAsync("/api/v1/mappings/m5");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("There is no mapping 'm5'", (await unknown.Content.ReadFromJsonAsync<JsonElement>()).Text("detail"), StringComparison.Ordinal);
    }

    private static async Task PublishAsync(SiloProcess silo, long start, int index)
    {
        using var mqtt = await RawMqtt.ConnectAsync(silo.MqttPort, "plant");
        await mqtt.PublishAsync("plant/7/press-1", $$"""{"ts":{{start + (index * 1000)}},"PWR":{{index}}}""");
    }

    private static async Task<JsonElement> ReplayAsync(SiloProcess silo)
    {
        using var answer = await silo.Http.PostAsJsonAsync("/api/v1/deadletters/replay", new { reason = "bad-topic" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task RowsAsync(SiloProcess silo, long start, int count)
    {
        var series = await silo.WaitForAsync($"/api/v1/devices/press-1/series/power?from={Api.Time(start)}", s => s.Count() == count, $"{count} readings");
        Assert.Equal(Enumerable.Range(0, count).Select(i => (double)i), series.Rows().Select(r => r.Number("mean")));
    }
}
