using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SmartCity.Storage;

/// <summary>What an answer to a write means.</summary>
/// <remarks>
/// 204 is accepted, 413 is too large, and 400 and 422 refuse lines. Everything else says that we, the address or the server are not ready, not that the lines are wrong,
/// and keeps them: every other status, a page of HTML (a proxy's, a portal's), an answer 2xx that InfluxDB does not give, time-outs and broken connections.
/// </remarks>
internal static partial class InfluxAnswer
{
    private const int MaxMessageBytes = 2048;
    private const int MaxNamesBytes = 4 << 20;

    /// <summary>How much of an answer is read: only one of InfluxDB 3 names lines.</summary>
    public static int BytesToRead(InfluxApiVersion version, HttpStatusCode status) =>
        version == InfluxApiVersion.V3 && status is (HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity) ? MaxNamesBytes : MaxMessageBytes;

    public static WriteOutcome Judge(InfluxApiVersion version, HttpResponseMessage response, ReadOnlyMemory<byte> body, DateTimeOffset now, TimeSpan maxRetryDelay)
    {
        var message = InfluxHttp.Message(response, body, MaxMessageBytes);
        var text = $"{(int)response.StatusCode}: {message}";
        var isPage = response.Content.Headers.ContentType?.MediaType == "text/html";
        switch (response.StatusCode)
        {
            case HttpStatusCode.NoContent:
            case HttpStatusCode.OK when version == InfluxApiVersion.V3 && body.IsEmpty:
                return WriteOutcome.Accepted;
            case HttpStatusCode.RequestEntityTooLarge:
                return new(WriteResult.TooLarge, text);
            case HttpStatusCode.UnprocessableEntity when version == InfluxApiVersion.V3 && IsNoRoomForDatabase(message):
                return new(WriteResult.Keep, text);
            case HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity when !isPage:
                if (version == InfluxApiVersion.V3 && Named(body) is var (error, lines)) return new(WriteResult.Rejected, $"{(int)response.StatusCode}: {error}", Refused: lines);
                var dropped = Dropped().Match(message); // v1: "partial write: … dropped=3" took the other lines
                return new(WriteResult.Rejected, text, DroppedLines: dropped.Success && int.TryParse(
                    dropped.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null);
            case >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices:
                return new(WriteResult.Keep, text + " (InfluxDB does not answer so: correct Influx:Url or Influx:ApiVersion)");
            default:
                return new(WriteResult.Keep, text, RetryAfter(response.Headers.RetryAfter, now, maxRetryDelay));
        }
    }

    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now, TimeSpan longest)
    {
        var wait = header?.Delta ?? (header?.Date - now);
        return wait is null ? null : TimeSpan.FromTicks(Math.Clamp(wait.Value.Ticks, 0, longest.Ticks));
    }

    /// <summary>
    /// The lines that an answer of InfluxDB 3 names: <c>data</c> is an array (a partial write) or one object (nothing was taken) of
    /// <c>original_line</c>, <c>line_number</c> from 1, <c>error_message</c>. The original line is the server's rendering, cut and without quotes, so it is not compared.
    /// </summary>
    private static (string Error, IReadOnlyList<RefusedLine> Lines)? Named(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("data", out var data)) return null;
            var error = root.TryGetProperty("error", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "refused";
            var lines = new List<RefusedLine>();
            foreach (var item in data.ValueKind == JsonValueKind.Array ? (IEnumerable<JsonElement>)data.EnumerateArray() : [data])
            {
                if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("line_number", out var number) || number.ValueKind != JsonValueKind.Number
                    || !number.TryGetInt32(out var line)) continue;
                lines.Add(new(line, item.TryGetProperty("error_message", out var why) && why.ValueKind == JsonValueKind.String ? why.GetString()! : error));
            }

            return lines.Count == 0 ? null : (error, lines);
        }
        catch (JsonException)
        {
            return null; // plain text, or more than is read
        }
    }

    // InfluxDB 3 makes a missing database with the first write, unless it has as many as it may: not a fault of the lines.
    private static bool IsNoRoomForDatabase(string message) => NoRoom().IsMatch(message);

    [GeneratedRegex("(number of|new) databases?", RegexOptions.IgnoreCase)]
    private static partial Regex NoRoom();

    [GeneratedRegex("dropped=([0-9]+)")]
    private static partial Regex Dropped();
}
