using System.Text;

namespace SmartCity.Storage.Tests;

/// <summary>The v3 write API, with the answers that InfluxData documents for <c>/api/v3/write_lp</c>.</summary>
public sealed class InfluxV3WriteTests
{
    [Fact]
    public async Task Windows_go_to_write_lp_in_milliseconds_with_a_bearer_token()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V3);
        var options = Options(influx);
        options.Database = "city & more";
        await using var rig = await OutboxRig.StartAsync(options);
        await rig.CommitAsync(2);
        await rig.UntilEmptyAsync();
        Assert.Equal(["POST /api/v3/write_lp?db=city%20%26%20more&precision=millisecond&accept_partial=true"], influx.Requests);
        Assert.Equal("Bearer apiv3_secret", influx.Authorization);
        Assert.Equal(2, influx.Stored.Count);
    }

    [Theory]
    [InlineData(null, null, InfluxApiVersion.V1)]
    [InlineData("user:password", null, InfluxApiVersion.V1)]
    [InlineData("secret", "org", InfluxApiVersion.V2)]
    [InlineData("apiv3_secret", "org", InfluxApiVersion.V2)]
    [InlineData("apiv3_secret", null, InfluxApiVersion.V3)]
    public void The_api_follows_from_organisation_and_token(string? token, string? org, InfluxApiVersion expected) =>
        Assert.Equal(expected, new InfluxOptions { Url = "http://x", Token = token, Org = org }.EffectiveApiVersion);

    [Fact]
    public async Task Lines_that_a_partial_write_names_are_dead_letters_with_the_servers_reason_and_the_others_are_there()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V3);
        await using var rig = await OutboxRig.StartAsync(Options(influx), pump: false);
        await rig.CommitAsync(["d0", "bad1", "d1", "bad2", "d2"]);
        await rig.PumpAsync();
        await rig.UntilEmptyAsync();
        Assert.Equal(["d0", "d1", "d2"], influx.Stored.Keys.Select(Device).Order());
        var rejects = await rig.Outbox.ReadRejectsAsync(default);
        Assert.Equal(["bad1", "bad2"], rejects.Select(r => Device(r.Sample)).Order());
        Assert.All(rejects, r => Assert.Equal((1, "invalid column type in " + r.Sample.Split(' ')[0]), (r.Lines, r.Message)));
        Assert.Equal(2, influx.Requests.Count); // the others once more: the answer says whether there are more
        Assert.Equal((1, 2), (rig.Status.SentChunks, rig.Status.RejectedLines));
    }

    [Fact]
    public async Task An_answer_that_names_only_the_first_hundred_lines_is_asked_again_for_the_others()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V3);
        await using var rig = await OutboxRig.StartAsync(Options(influx), pump: false);
        await rig.CommitAsync([.. Enumerable.Range(0, 500).Select(i => i % 2 == 0 ? $"d{i}" : $"bad{i}")]);
        await rig.PumpAsync();
        await rig.UntilEmptyAsync();
        Assert.Equal((250, 250, 4), (influx.Stored.Count, (await rig.Outbox.ReadRejectsAsync(default)).Count, influx.Requests.Count));
    }

    [Theory]
    [InlineData("""{"error":"parsing failed for write_lp endpoint","data":{"original_line":"x","line_number":2,"error_message":"No fields were provided"}}""", "No fields were provided")]
    [InlineData("""{"error":"line protocol parsing error","data":{"line_number":2}}""", "line protocol parsing error")]
    [InlineData("""{"error":"parsing failed for write_lp endpoint","data":null}""", """400: {"error":"parsing failed for write_lp endpoint","data":null}""")]
    [InlineData("""{"error":"partial write of line protocol occurred","data":[{"line_number":99,"error_message":"no such line"}]}""", "no such line")]
    [InlineData("write buffer error: parsing for line protocol failed", "400: write buffer error: parsing for line protocol failed")]
    [InlineData("""{"error":"partial wri""", """400: {"error":"partial wri""")]
    public async Task A_refusal_of_the_whole_body_leaves_out_the_named_line_or_bisects(string answer, string reason)
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V3);
        influx.Intervene = request =>
        {
            var lines = FakeInflux.Lines(request);
            return Task.FromResult(lines.Any(l => l.Contains("device=bad", StringComparison.Ordinal)) ? FakeAnswer.Text(400, answer) : null);
        };
        await using var rig = await OutboxRig.StartAsync(Options(influx), pump: false);
        await rig.CommitAsync(["d0", "bad1", "d2", "d3"]);
        await rig.PumpAsync();
        await rig.UntilEmptyAsync();
        Assert.Equal(["d0", "d2", "d3"], influx.Stored.Keys.Select(Device).Order());
        var reject = Assert.Single(await rig.Outbox.ReadRejectsAsync(default));
        Assert.Equal((1, "bad1", reason), (reject.Lines, Device(reject.Sample), reject.Message));
    }

    [Theory]
    [InlineData(204, "", WriteResult.Accepted)]
    [InlineData(200, "", WriteResult.Accepted)]
    [InlineData(200, "<html>hello</html>", WriteResult.Keep)]
    [InlineData(400, "{\"error\":\"x\"}", WriteResult.Rejected)]
    [InlineData(422, "{\"error\":\"too many columns\"}", WriteResult.Rejected)]
    [InlineData(422, "{\"error\":\"Update to schema would exceed number of databases limit of 5 databases\"}", WriteResult.Keep)]
    [InlineData(413, "", WriteResult.TooLarge)]
    [InlineData(401, "", WriteResult.Keep)]
    [InlineData(403, "", WriteResult.Keep)]
    [InlineData(405, "", WriteResult.Keep)]
    [InlineData(429, "", WriteResult.Keep)]
    [InlineData(500, "", WriteResult.Keep)]
    [InlineData(503, "", WriteResult.Keep)]
    public async Task Each_answer_has_its_meaning(int status, string body, WriteResult expected)
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V3) { Intervene = _ => Task.FromResult<FakeAnswer?>(status == 204 ? FakeAnswer.Empty(204) : FakeAnswer.Text(status, body)) };
        using var writer = new InfluxWriter(Options(influx));
        Assert.Equal(expected, (await writer.WriteAsync(LineBatcher.Compress("m f=1 1\n"u8), default)).Result);
    }

    [Theory]
    [InlineData(InfluxApiVersion.V1)]
    [InlineData(InfluxApiVersion.V2)]
    [InlineData(InfluxApiVersion.V3)]
    public async Task A_proxys_page_refuses_no_line(InfluxApiVersion version)
    {
        await using var influx = new FakeInflux(version) { Intervene = _ => Task.FromResult<FakeAnswer?>(FakeAnswer.Html(400, "<h1>The plain HTTP request was sent to HTTPS port</h1>")) };
        using var writer = new InfluxWriter(Options(influx));
        Assert.Equal(WriteResult.Keep, (await writer.WriteAsync(LineBatcher.Compress("m f=1 1\n"u8), default)).Result);
        influx.Intervene = _ => Task.FromResult<FakeAnswer?>(FakeAnswer.Html(200, "<h1>Welcome</h1>"));
        var outcome = await writer.WriteAsync(LineBatcher.Compress("m f=1 1\n"u8), default);
        Assert.Equal(WriteResult.Keep, outcome.Result);
        Assert.Contains("correct Influx:Url", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_line_keeps_a_long_sample_short()
    {
        var text = new LineText(Encoding.UTF8.GetBytes(new string('x', 5000) + "\n"), 1);
        Assert.Equal(512, text.Sample().Length);
    }

    internal static InfluxOptions Options(FakeInflux influx) => new()
    {
        Url = influx.Url,
        ApiVersion = influx.Version,
        Org = influx.Version == InfluxApiVersion.V2 ? "city hall" : null,
        Token = influx.Version == InfluxApiVersion.V3 ? "apiv3_secret" : null,
        MinRetryDelay = TimeSpan.FromMilliseconds(1),
        MaxRetryDelay = TimeSpan.FromMilliseconds(20),
    };

    private static string Device(string line) => line.Split("device=")[1].Split(',')[0];
}
