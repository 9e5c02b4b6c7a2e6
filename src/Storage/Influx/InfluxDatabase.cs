using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace SmartCity.Storage;

/// <summary>
/// Makes the database or bucket that a write did not find: v1 <c>CREATE DATABASE</c> and <c>CREATE RETENTION POLICY</c>, v2 <c>POST /api/v2/buckets</c> in the organisation of that
/// name, v3 <c>POST /api/v3/configure/database</c>. Where the token may not, the command that somebody has to run is the answer.
/// </summary>
internal sealed class InfluxDatabase(InfluxOptions options, HttpClient http, ILogger logger)
{
    private const int MaxAnswerBytes = 64 * 1024;

    private Uri Address => new(options.Url!);

    /// <returns>Null when it is there now; else why it could not be made, and the command that makes it.</returns>
    public async Task<string?> CreateAsync(InfluxPlace place, CancellationToken cancellationToken)
    {
        var problem = options.EffectiveApiVersion switch
        {
            InfluxApiVersion.V1 => await CreateDatabaseV1Async(place, cancellationToken),
            InfluxApiVersion.V2 => await CreateBucketAsync(place, cancellationToken),
            _ => await CreateDatabaseV3Async(place, cancellationToken),
        };
        if (problem is not null) return $"it could not be created ({problem}); run: {Command(place)}";
        StorageLog.InfluxDatabaseCreated(logger, place.Policy is null ? place.Database : $"{place.Database}, retention policy {place.Policy}", options.Url!);
        return null;
    }

    /// <summary>
    /// Sees to it, once before the first write, that a place with a retention keeps it: it may have been made with another. What cannot be changed is logged with the command that
    /// changes it, and writing goes on. A place that is missing is made by the write that finds it missing.
    /// </summary>
    public async Task PrepareAsync(InfluxPlace place, CancellationToken cancellationToken)
    {
        if (place.Retention is null || options.EffectiveApiVersion == InfluxApiVersion.V3) return; // version 3 Core cannot change it
        string? problem, command;
        if (options.EffectiveApiVersion == InfluxApiVersion.V1)
        {
            (problem, command) = (await CreatePolicyAsync(place, cancellationToken), InfluxCommand(Policy("ALTER", place)));
            if (problem?.Contains("database not found", StringComparison.Ordinal) == true) return;
        }
        else (problem, command) = await ChangeBucketAsync(place, cancellationToken);

        if (problem is not null) StorageLog.InfluxRetentionUnchanged(logger, place.Policy ?? place.Database, place.Duration, problem, command);
    }

    /// <summary>What makes it by hand, for a POSIX shell, with a token or user that may.</summary>
    private string Command(InfluxPlace place) => options.EffectiveApiVersion switch
    {
        InfluxApiVersion.V1 => InfluxCommand("CREATE DATABASE " + InfluxQl.Identifier(place.Database) + (place.Policy is null ? "" : "; " + Policy("CREATE", place))),
        InfluxApiVersion.V2 => $"influx bucket create --host {Shell(options.Url!)} --org {Shell(options.Org!)} --name {Shell(place.Database)}{(place.Retention is { Ticks: > 0 } ? " --retention " + place.Hours : "")}",
        _ => $"influxdb3 create database --host {Shell(options.Url!)}{(place.Retention is { Ticks: > 0 } ? " --retention-period " + place.Hours : "")} {Shell(place.Database)}",
    };

    private string InfluxCommand(string statement) => $"influx -host {Shell(Address.Host)} -port {Address.Port}{(Address.Scheme == "https" ? " -ssl" : "")} -execute {Shell(statement)}";

    private static string Policy(string verb, InfluxPlace place) =>
        $"{verb} RETENTION POLICY {InfluxQl.Identifier(place.Policy!)} ON {InfluxQl.Identifier(place.Database)} DURATION {place.Duration}{(verb == "CREATE" ? " REPLICATION 1" : "")} SHARD DURATION {place.ShardDuration}";

    private async Task<string?> CreateDatabaseV1Async(InfluxPlace place, CancellationToken cancellationToken) =>
        await RunAsync("CREATE DATABASE " + InfluxQl.Identifier(place.Database), cancellationToken) is { } problem ? problem
        : place.Policy is null ? null : await CreatePolicyAsync(place, cancellationToken);

    private async Task<string?> CreatePolicyAsync(InfluxPlace place, CancellationToken cancellationToken)
    {
        var problem = await RunAsync(Policy("CREATE", place), cancellationToken);
        return problem?.Contains("already exists", StringComparison.Ordinal) == true ? await RunAsync(Policy("ALTER", place), cancellationToken) : problem;
    }

    /// <returns>What the server has against a statement; null for nothing.</returns>
    private async Task<string?> RunAsync(string statement, CancellationToken cancellationToken)
    {
        using var content = new FormUrlEncodedContent([new("q", statement)]);
        using var response = await http.PostAsync(InfluxHttp.Address(options, "query"), content, cancellationToken);
        var body = await InfluxHttp.ReadBodyAsync(response, MaxAnswerBytes, cancellationToken);
        if (!response.IsSuccessStatusCode) return Said(response, body);
        // A refused statement is answered 200 too.
        return First(body, "results") is { } result && result.TryGetProperty("error", out var error) ? error.ToString() : null;
    }

    private async Task<string?> CreateBucketAsync(InfluxPlace place, CancellationToken cancellationToken)
    {
        using var found = await http.GetAsync(InfluxHttp.Address(options, "api/v2/orgs?org=" + Uri.EscapeDataString(options.Org!)), cancellationToken);
        var body = await InfluxHttp.ReadBodyAsync(found, MaxAnswerBytes, cancellationToken);
        if (!found.IsSuccessStatusCode) return Said(found, body);
        if (First(body, "orgs") is not { } org || !org.TryGetProperty("id", out var id)) return $"there is no organisation '{options.Org}', or the token may not see it";
        return await SendAsync(HttpMethod.Post, "api/v2/buckets", new() { ["orgID"] = id.ToString(), ["name"] = place.Database, ["retentionRules"] = Rules(place) }, cancellationToken);
    }

    private async Task<(string? Problem, string Command)> ChangeBucketAsync(InfluxPlace place, CancellationToken cancellationToken)
    {
        using var found = await http.GetAsync(
            InfluxHttp.Address(options, $"api/v2/buckets?org={Uri.EscapeDataString(options.Org!)}&name={Uri.EscapeDataString(place.Database)}"), cancellationToken);
        var body = await InfluxHttp.ReadBodyAsync(found, MaxAnswerBytes, cancellationToken);
        if (!found.IsSuccessStatusCode || First(body, "buckets") is not { } bucket || !bucket.TryGetProperty("id", out var id)) return (null, ""); // not there, or not to be seen
        var seconds = bucket.TryGetProperty("retentionRules", out var rules) && rules.ValueKind == JsonValueKind.Array && rules.GetArrayLength() > 0
            && rules[0].ValueKind == JsonValueKind.Object && rules[0].TryGetProperty("everySeconds", out var every) && every.ValueKind == JsonValueKind.Number && every.TryGetInt64(out var known) ? known : 0;
        if (seconds == Seconds(place)) return (null, "");
        return (await SendAsync(HttpMethod.Patch, "api/v2/buckets/" + Uri.EscapeDataString(id.ToString()), new() { ["retentionRules"] = Rules(place) }, cancellationToken),
            $"influx bucket update --host {Shell(options.Url!)} --id {Shell(id.ToString())} --retention {place.Hours}");
    }

    private static long Seconds(InfluxPlace place) => (long)place.Retention.GetValueOrDefault().TotalSeconds;

    private static object[] Rules(InfluxPlace place) =>
        Seconds(place) is > 0 and var seconds ? [new Dictionary<string, object> { ["type"] = "expire", ["everySeconds"] = seconds }] : [];

    private Task<string?> CreateDatabaseV3Async(InfluxPlace place, CancellationToken cancellationToken)
    {
        var value = new Dictionary<string, object> { ["db"] = place.Database };
        if (place.Retention is { Ticks: > 0 }) value["retention_period"] = place.Hours;
        return SendAsync(HttpMethod.Post, "api/v3/configure/database", value, cancellationToken);
    }

    private async Task<string?> SendAsync(HttpMethod method, string path, Dictionary<string, object> value, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, InfluxHttp.Address(options, path)) { Content = JsonContent.Create(value) };
        using var response = await http.SendAsync(request, cancellationToken);
        // Somebody else made it just now: 409 (v3), 422 "already exists" (v2).
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.Conflict) return null;
        var body = await InfluxHttp.ReadBodyAsync(response, MaxAnswerBytes, cancellationToken);
        var said = Said(response, body);
        return response.StatusCode == HttpStatusCode.UnprocessableEntity && said.Contains("already exists", StringComparison.Ordinal) ? null : said;
    }

    private static string Said(HttpResponseMessage response, ReadOnlyMemory<byte> body) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode}: {InfluxHttp.Message(response, body, 512)}");

    private static JsonElement? First(ReadOnlyMemory<byte> body, string array)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(array, out var items)
                && items.ValueKind == JsonValueKind.Array && items.GetArrayLength() > 0 && items[0].ValueKind == JsonValueKind.Object ? items[0].Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Shell(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:".Contains(c, StringComparison.Ordinal)) ? text : "'" + text.Replace("'", @"'\''", StringComparison.Ordinal) + "'";
}
