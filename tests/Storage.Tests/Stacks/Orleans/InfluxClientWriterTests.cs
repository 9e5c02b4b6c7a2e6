namespace SmartCity.Storage.Tests;

/// <summary>What InfluxDB.Client's answers mean, and a bucket that is missing.</summary>
public sealed class InfluxClientWriterTests
{
    [Fact]
    public async Task A_missing_bucket_is_made_and_the_write_repeated()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V2) { Databases = [] };
        using var writer = new InfluxClientWriter(InfluxV3WriteTests.Options(influx));
        Assert.Equal(WriteOutcome.Accepted, await writer.WriteAsync(LineBatcher.Compress("m f_last=1 1\n"u8), default));
        Assert.Equal(["city"], influx.Databases);
        Assert.Single(influx.Stored);
    }

    [Fact]
    public async Task Where_the_token_may_not_the_command_is_said()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V2) { Databases = [] };
        influx.Intervene = request => Task.FromResult(request.IsWrite ? null : FakeAnswer.Json(403, "{}"));
        using var writer = new InfluxClientWriter(InfluxV3WriteTests.Options(influx));
        var outcome = await writer.WriteAsync(LineBatcher.Compress("m f_last=1 1\n"u8), default);
        Assert.Equal(WriteResult.Keep, outcome.Result);
        Assert.Contains("run: influx bucket create --host " + influx.Url, outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_lines_are_found_and_a_proxys_page_refuses_none()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V2);
        using var writer = new InfluxClientWriter(InfluxV3WriteTests.Options(influx));
        var send = new ChunkSend(writer, LineBatcher.Compress("m,device=d f_last=1 1\nm,device=bad f_last=1 1\nm,device=e f_last=1 1\n"u8), 3);
        Assert.Equal(WriteOutcome.Accepted, await send.ContinueAsync(default));
        Assert.Equal((2, "m,device=bad f_last=1 1"), (influx.Stored.Count, Assert.Single(send.Rejected).Sample));
        influx.Intervene = _ => Task.FromResult<FakeAnswer?>(FakeAnswer.Html(400, "<h1>Bad request</h1>"));
        Assert.Equal(WriteResult.Keep, (await writer.WriteAsync(LineBatcher.Compress("m f_last=1 1\n"u8), default)).Result);
    }
}
