using System.Globalization;
using System.Text.Json;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Asks InfluxQL over <c>/query</c>.</summary>
internal sealed class InfluxQuery : IDisposable
{
    private readonly InfluxOptions _options;
    private readonly TimeProvider _time;
    private readonly TimeSpan _longest;
    private readonly InfluxTls _tls;
    private readonly HttpClient _http;

    /// <param name="longest">Longest wait for an answer.</param>
    public InfluxQuery(InfluxOptions options, TimeProvider time, TimeSpan longest)
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

    /// <summary>The rows of a statement, in the order of the answer. A database, or retention policy, that is not there has none.</summary>
    /// <param name="database">Where it is run.</param>
    /// <param name="rowOf">Makes a row of its columns: the time in Unix milliseconds, then what was selected.</param>
    /// <exception cref="StoreUnavailableException">InfluxDB cannot be read now.</exception>
    public async Task<List<T>> RunAsync<T>(string database, string statement, Func<JsonElement, T> rowOf, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_longest, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await SendAsync(database, statement, rowOf, either.Token);
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

    /// <summary>A column that may be null.</summary>
    public static double Number(JsonElement value) => value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble();

    private async Task<List<T>> SendAsync<T>(string database, string statement, Func<JsonElement, T> rowOf, CancellationToken cancellationToken)
    {
        // Chunked: a server limit on rows per answer then cuts into documents, one per line, instead of cutting the answer off.
        using var content = new FormUrlEncodedContent(
            [new("db", database), new("epoch", "ms"), new("chunked", "true"), new("chunk_size", "10000"), new("q", statement)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, InfluxHttp.Address(_options, "query")) { Content = content };
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var message = await InfluxHttp.ReadMessageAsync(response, 2048, cancellationToken);
            throw new HttpRequestException($"{(int)response.StatusCode}: {message}");
        }

        var rows = new List<T>();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0) continue;
            using var document = JsonDocument.Parse(line);
            foreach (var result in document.RootElement.GetProperty("results").EnumerateArray()) Append(rows, result, rowOf);
        }

        return rows;
    }

    private static void Append<T>(List<T> rows, JsonElement result, Func<JsonElement, T> rowOf)
    {
        if (result.TryGetProperty("error", out var error))
        {
            var message = error.GetString() ?? "";
            // Nothing was written yet.
            if (message.StartsWith("database not found", StringComparison.Ordinal) || message.StartsWith("retention policy not found", StringComparison.Ordinal)) return;
            throw new HttpRequestException(message);
        }

        if (!result.TryGetProperty("series", out var series)) return;
        foreach (var values in series.EnumerateArray().SelectMany(one => one.GetProperty("values").EnumerateArray())) rows.Add(rowOf(values));
    }
}
