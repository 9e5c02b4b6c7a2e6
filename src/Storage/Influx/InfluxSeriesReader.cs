using System.Globalization;
using System.Text.Json;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Reads rows with InfluxQL over <c>/query</c>.</summary>
internal sealed class InfluxSeriesReader : IDisposable
{
    // The order of SeriesRow's parameters behind the start.
    private static readonly string[] Suffixes = ["_count", "_min", "_max", "_mean", "_stddev", "_first", "_last", "_p50", "_p95", "_p99", "_powermean", "_vectormean", "_increase", "_resets"];
    private readonly InfluxOptions _options;
    private readonly TimeProvider _time;
    private readonly TimeSpan _longest;
    private readonly InfluxTls _tls;
    private readonly HttpClient _http;

    /// <param name="longest">Longest wait for an answer.</param>
    public InfluxSeriesReader(InfluxOptions options, TimeProvider time, TimeSpan longest)
    {
        (_options, _time, _longest) = (options, time, longest);
        _tls = new InfluxTls(options);
        _http = InfluxHttp.CreateClient(options, _tls);
    }

    public void Dispose()
    {
        _http.Dispose();
        _tls.Dispose();
    }

    /// <exception cref="StoreUnavailableException">InfluxDB cannot be read now.</exception>
    public async Task<IReadOnlyList<SeriesRow>> ReadAsync(
        string measurement, (string Key, string Value)[] tags, string metric, long fromMs, long toMs, CancellationToken cancellationToken)
    {
        var name = LineProtocol.Sanitize(metric);
        var query = $"SELECT {string.Join(',', Suffixes.Select(s => InfluxQl.Identifier(name + s)))} FROM {InfluxQl.Identifier(measurement)} WHERE "
            + string.Concat(tags.Select(t => $"{InfluxQl.Identifier(t.Key)} = {InfluxQl.Text(LineProtocol.Sanitize(t.Value))} AND "))
            + $"time >= {InfluxQl.Time(fromMs)} AND time < {InfluxQl.Time(toMs)}";
        using var timeout = new CancellationTokenSource(_longest, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await QueryAsync(query, either.Token);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException(
                $"InfluxDB at {_options.Url} did not answer within {_longest.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s.", error);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException or FormatException)
        {
            throw new StoreUnavailableException($"What answers at {_options.Url} does not answer as InfluxDB does ({error.Message}): correct Influx:Url, or set Influx:ReadHistory to false.", error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException)
        {
            throw new StoreUnavailableException($"InfluxDB at {_options.Url} cannot be read ({_tls.Explain(error)}): start it, or correct Influx:Url.", error);
        }
    }

    private async Task<IReadOnlyList<SeriesRow>> QueryAsync(string query, CancellationToken cancellationToken)
    {
        // Chunked: a server limit on rows per answer then cuts into documents, one per line, instead of cutting the answer off.
        using var content = new FormUrlEncodedContent(
            [new("db", _options.Database), new("epoch", "ms"), new("chunked", "true"), new("chunk_size", "10000"), new("q", query)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, InfluxHttp.Address(_options, "query")) { Content = content };
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var message = await InfluxHttp.ReadMessageAsync(response, 2048, cancellationToken);
            throw new HttpRequestException($"{(int)response.StatusCode}: {message}");
        }

        var rows = new List<SeriesRow>();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0) continue;
            using var document = JsonDocument.Parse(line);
            foreach (var result in document.RootElement.GetProperty("results").EnumerateArray()) Append(rows, result);
        }

        return rows;
    }

    private static void Append(List<SeriesRow> rows, JsonElement result)
    {
        if (result.TryGetProperty("error", out var error))
        {
            var message = error.GetString() ?? "";
            if (message.StartsWith("database not found", StringComparison.Ordinal)) return; // nothing was written yet
            throw new HttpRequestException(message);
        }

        if (!result.TryGetProperty("series", out var series)) return;
        foreach (var values in series.EnumerateArray().SelectMany(one => one.GetProperty("values").EnumerateArray()))
        {
            rows.Add(new(
                values[0].GetInt64(), Whole(values[1]), Number(values[2]), Number(values[3]),
                Number(values[4]), Number(values[5]), Number(values[6]), Number(values[7]), Number(values[8]), Number(values[9]), Number(values[10]), Number(values[11]), Number(values[12]),
                Number(values[13]), Whole(values[14])));
        }
    }

    private static long Whole(JsonElement value) => value.ValueKind == JsonValueKind.Null ? 0 : value.GetInt64();

    private static double Number(JsonElement value) => value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble();
}
