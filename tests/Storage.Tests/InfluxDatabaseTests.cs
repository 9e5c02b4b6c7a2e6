namespace SmartCity.Storage.Tests;

/// <summary>A database or bucket that is missing: made where the API allows it, else the command that makes it is said.</summary>
public sealed class InfluxDatabaseTests
{
    [Theory]
    [InlineData(InfluxApiVersion.V1, "POST /query")]
    [InlineData(InfluxApiVersion.V2, "GET /api/v2/orgs?org=city%20hall", "POST /api/v2/buckets")]
    [InlineData(InfluxApiVersion.V3, "POST /api/v3/configure/database")]
    public async Task It_is_made_when_a_write_does_not_find_it_and_only_then(InfluxApiVersion version, params string[] calls)
    {
        await using var influx = new FakeInflux(version) { Databases = [] };
        var options = InfluxV3WriteTests.Options(influx);
        options.Database = "city lights";
        await using var rig = await OutboxRig.StartAsync(options);
        await rig.CommitAsync();
        await rig.UntilEmptyAsync();
        await rig.CommitAsync();
        await rig.UntilEmptyAsync();
        Assert.Equal(["city lights"], influx.Databases);
        Assert.Equal(calls, influx.Requests.Where(r => !r.Contains("write", StringComparison.Ordinal)));
        Assert.Equal((3, 2, 0), (influx.Requests.Count(r => r.Contains("write", StringComparison.Ordinal)), influx.Stored.Count, rig.Status.Retries));
    }

    [Theory]
    [InlineData(InfluxApiVersion.V1, "influx -host 127.0.0.1 -port PORT -execute 'CREATE DATABASE \"it'\\''s city\"'")]
    [InlineData(InfluxApiVersion.V2, "influx bucket create --host URL --org 'city hall' --name 'it'\\''s city'")]
    [InlineData(InfluxApiVersion.V3, "influxdb3 create database --host URL 'it'\\''s city'")]
    public async Task Where_the_token_may_not_the_command_is_said_once_and_the_windows_wait(InfluxApiVersion version, string command)
    {
        await using var influx = new FakeInflux(version) { Databases = [] };
        var may = false;
        influx.Intervene = request => Task.FromResult(request.IsWrite || may ? null : FakeAnswer.Json(403, """{"message":"insufficient permissions"}"""));
        var options = InfluxV3WriteTests.Options(influx);
        options.Database = "it's city";
        await using var rig = await OutboxRig.StartAsync(options);
        await rig.CommitAsync();
        await rig.UntilAsync(() => rig.Status.Retries >= 3, "three tries");
        var said = Assert.Single(rig.PumpLog.Entries, e => e.Id == 3010).Text;
        Assert.Contains("403: {\"message\":\"insufficient permissions\"}", said, StringComparison.Ordinal);
        Assert.Contains("run: " + command.Replace("URL", influx.Url, StringComparison.Ordinal).Replace("PORT", new Uri(influx.Url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal), said, StringComparison.Ordinal);
        may = true;
        await rig.UntilEmptyAsync();
        Assert.Single(influx.Stored);
    }

    [Fact]
    public async Task The_command_is_said_also_when_InfluxDB_was_away_before()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V3) { Databases = [] };
        var away = true;
        influx.Intervene = request => Task.FromResult(away ? FakeAnswer.Text(503, "starting") : request.IsWrite ? null : FakeAnswer.Json(403, "{}"));
        await using var rig = await OutboxRig.StartAsync(InfluxV3WriteTests.Options(influx));
        await rig.CommitAsync();
        await rig.UntilAsync(() => rig.Status.Retries >= 3, "three tries");
        away = false;
        await rig.UntilAsync(() => rig.Status.Problem!.StartsWith("404", StringComparison.Ordinal), "the missing database");
        var retries = rig.Status.Retries;
        await rig.UntilAsync(() => rig.Status.Retries >= retries + 3, "three more tries");
        Assert.Equal(2, rig.PumpLog.Count(3010));
        Assert.Contains("run: influxdb3 create database --host", rig.PumpLog.Entries.Last().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "there is no organisation 'city hall', or the token may not see it")]
    [InlineData("""{"orgs":[]}""", "there is no organisation 'city hall', or the token may not see it")]
    public async Task An_organisation_that_is_not_there_is_named(string answer, string problem)
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V2) { Databases = [] };
        influx.Intervene = request => Task.FromResult(request.Path == "/api/v2/orgs" ? FakeAnswer.Json(200, answer) : null);
        using var writer = new InfluxWriter(InfluxV3WriteTests.Options(influx));
        var outcome = await writer.WriteAsync(LineBatcher.Compress("m f=1 1\n"u8), default);
        Assert.Equal(WriteResult.Keep, outcome.Result);
        Assert.Contains(problem, outcome.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(InfluxApiVersion.V2, 422, "bucket with name city already exists")]
    [InlineData(InfluxApiVersion.V3, 409, "exists")]
    public async Task One_that_somebody_else_made_meanwhile_is_there(InfluxApiVersion version, int status, string body)
    {
        await using var influx = new FakeInflux(version) { Databases = [] };
        influx.Intervene = request =>
        {
            if (request.Path is not ("/api/v2/buckets" or "/api/v3/configure/database")) return Task.FromResult<FakeAnswer?>(null);
            influx.Databases.Add("city");
            return Task.FromResult<FakeAnswer?>(FakeAnswer.Text(status, body));
        };
        using var writer = new InfluxWriter(InfluxV3WriteTests.Options(influx));
        Assert.Equal(WriteOutcome.Accepted, await writer.WriteAsync(LineBatcher.Compress("m f_last=1 1\n"u8), default));
    }

    [Fact]
    public async Task A_statement_that_the_server_refuses_with_200_is_a_refusal()
    {
        await using var influx = new FakeInflux(InfluxApiVersion.V1) { Databases = [] };
        influx.Intervene = request => Task.FromResult(request.Path == "/query" ? FakeAnswer.Json(200, """{"results":[{"error":"not today"}]}""") : null);
        using var writer = new InfluxWriter(InfluxV3WriteTests.Options(influx));
        var outcome = await writer.WriteAsync(LineBatcher.Compress("m f=1 1\n"u8), default);
        Assert.Contains("it could not be created (not today); run: influx -host", outcome.Message, StringComparison.Ordinal);
    }
}
