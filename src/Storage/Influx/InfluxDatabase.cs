using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace SmartCity.Storage;

/// <summary>
/// Makes the database or bucket that a write did not find: v1 <c>CREATE DATABASE</c>, v2 <c>POST /api/v2/buckets</c> in the organisation of that name,
/// v3 <c>POST /api/v3/configure/database</c>. Where the token may not, the command that somebody has to run is the answer.
/// </summary>
internal sealed class InfluxDatabase(InfluxOptions options, HttpClient http, ILogger logger)
{
    private const int MaxAnswerBytes = 64 * 1024;

    /// <returns>Null when it is there now; else why it could not be made, and the command that makes it.</returns>
    public async Task<string?> CreateAsync(CancellationToken cancellationToken)
    {
        var problem = options.EffectiveApiVersion switch
        {
            InfluxApiVersion.V1 => await CreateDatabaseV1Async(cancellationToken),
            InfluxApiVersion.V2 => await CreateBucketAsync(cancellationToken),
            _ => await CreateDatabaseV3Async(cancellationToken),
        };
        if (problem is not null) return $"it could not be created ({problem}); run: {Command}";
        StorageLog.InfluxDatabaseCreated(logger, options.Database, options.Url!);
        return null;
    }

    /// <summary>What makes it by hand, for a POSIX shell, with a token or user that may.</summary>
    private string Command => options.EffectiveApiVersion switch
    {
        InfluxApiVersion.V1 => $"influx -host {Shell(Address.Host)} -port {Address.Port}{(Address.Scheme == "https" ? " -ssl" : "")} -execute {Shell("CREATE DATABASE " + InfluxQl.Identifier(options.Database))}",
        InfluxApiVersion.V2 => $"influx bucket create --host {Shell(options.Url!)} --org {Shell(options.Org!)} --name {Shell(options.Database)}",
        _ => $"influxdb3 create database --host {Shell(options.Url!)} {Shell(options.Database)}",
    };

    private Uri Address => new(options.Url!);

    private async Task<string?> CreateDatabaseV1Async(CancellationToken cancellationToken)
    {
        using var content = new FormUrlEncodedContent([new("q", "CREATE DATABASE " + InfluxQl.Identifier(options.Database))]);
        using var response = await http.PostAsync(InfluxHttp.Address(options, "query"), content, cancellationToken);
        var body = await InfluxHttp.ReadBodyAsync(response, MaxAnswerBytes, cancellationToken);
        if (!response.IsSuccessStatusCode) return Said(response, body);
        // A refused statement is answered 200 too.
        return First(body, "results") is { } result && result.TryGetProperty("error", out var error) ? error.ToString() : null;
    }

    private async Task<string?> CreateBucketAsync(CancellationToken cancellationToken)
    {
        using var found = await http.GetAsync(InfluxHttp.Address(options, "api/v2/orgs?org=" + Uri.EscapeDataString(options.Org!)), cancellationToken);
        var body = await InfluxHttp.ReadBodyAsync(found, MaxAnswerBytes, cancellationToken);
        if (!found.IsSuccessStatusCode) return Said(found, body);
        if (First(body, "orgs") is not { } org || !org.TryGetProperty("id", out var id)) return $"there is no organisation '{options.Org}', or the token may not see it";
        return await PostAsync("api/v2/buckets", new Dictionary<string, object> { ["orgID"] = id.ToString(), ["name"] = options.Database, ["retentionRules"] = Array.Empty<object>() }, cancellationToken);
    }

    private Task<string?> CreateDatabaseV3Async(CancellationToken cancellationToken) =>
        PostAsync("api/v3/configure/database", new Dictionary<string, object> { ["db"] = options.Database }, cancellationToken);

    private async Task<string?> PostAsync(string path, Dictionary<string, object> value, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync(InfluxHttp.Address(options, path), value, cancellationToken);
        // Somebody else made it just now: 409 (v3), 422 "already exists" (v2).
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.Conflict) return null;
        var body = await InfluxHttp.ReadBodyAsync(response, MaxAnswerBytes, cancellationToken);
        var said = Said(response, body);
        return response.StatusCode == HttpStatusCode.UnprocessableEntity && said.Contains("already exists", StringComparison.Ordinal) ? null : said;
    }

    private static string Said(HttpResponseMessage response, ReadOnlyMemory<byte> body) => $"{(int)response.StatusCode}: {InfluxHttp.Message(response, body, 512)}";

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
