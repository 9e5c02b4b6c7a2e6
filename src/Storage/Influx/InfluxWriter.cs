using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SmartCity.Storage;

/// <summary>
/// Writes line protocol over HTTP: <c>/write?db=&amp;precision=ms</c> (v1; a missing database is created) or
/// <c>/api/v2/write?org=&amp;bucket=&amp;precision=ms</c> (v2).
/// </summary>
/// <remarks>
/// 2xx is accepted and 413 is too large. 401, 403, 404, 407, 408, 429, redirects, 5xx, time-outs and broken connections keep the lines: they
/// say that we, the address or the server are not ready, not that the lines are wrong. Any other 4xx rejects them.
/// </remarks>
public sealed partial class InfluxWriter : ILineProtocolClient, IDisposable
{
    private const int MaxMessageBytes = 2048;
    private readonly InfluxOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpClient _http;
    private readonly Uri _write;

    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public InfluxWriter(InfluxOptions options, TimeProvider? time = null, ILogger<InfluxWriter>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<InfluxWriter>.Instance;
        _http = InfluxHttp.CreateClient(options);
        var database = Uri.EscapeDataString(options.Database);
        _write = options.EffectiveApiVersion == InfluxApiVersion.V1
            ? InfluxHttp.Address(options, $"write?db={database}&precision=ms")
            : InfluxHttp.Address(options, $"api/v2/write?org={Uri.EscapeDataString(options.Org!)}&bucket={database}&precision=ms");
    }

    /// <inheritdoc/>
    public async Task<WriteOutcome> WriteAsync(ReadOnlyMemory<byte> gzipLines, CancellationToken cancellationToken)
    {
        using var activity = StorageTelemetry.Activities.StartActivity("influx.write", ActivityKind.Client);
        activity?.SetTag("server.address", _write.Host);
        activity?.SetTag("http.request.body.size", gzipLines.Length);
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        WriteOutcome outcome;
        try
        {
            (outcome, var status) = await PostAsync(gzipLines, either.Token);
            if (status == HttpStatusCode.NotFound && _options.EffectiveApiVersion == InfluxApiVersion.V1 && await CreateDatabaseAsync(either.Token))
                (outcome, _) = await PostAsync(gzipLines, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            outcome = new(WriteResult.Keep, $"no answer within {_options.RequestTimeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            outcome = new(WriteResult.Keep, error.Message);
        }

        StorageTelemetry.InfluxWrites.Add(1, StorageTelemetry.Outcome(Word(outcome.Result)));
        if (outcome.Result != WriteResult.Accepted) activity?.SetStatus(ActivityStatusCode.Error, outcome.Message);
        return outcome;
    }

    public void Dispose() => _http.Dispose();

    private static string Word(WriteResult result) => result switch
    {
        WriteResult.Accepted => "accepted",
        WriteResult.Rejected => "rejected",
        WriteResult.TooLarge => "too_large",
        _ => "kept",
    };

    private async Task<(WriteOutcome Outcome, HttpStatusCode Status)> PostAsync(ReadOnlyMemory<byte> gzipLines, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _write) { Content = new ReadOnlyMemoryContent(gzipLines) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/plain", "utf-8");
        request.Content.Headers.ContentEncoding.Add("gzip");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode) return (WriteOutcome.Accepted, response.StatusCode);
        var message = await InfluxHttp.ReadMessageAsync(response, MaxMessageBytes, cancellationToken);
        return (Judge(response, message), response.StatusCode);
    }

    private WriteOutcome Judge(HttpResponseMessage response, string message)
    {
        var text = $"{(int)response.StatusCode}: {message}";
        switch (response.StatusCode)
        {
            case HttpStatusCode.RequestEntityTooLarge:
                return new(WriteResult.TooLarge, text);
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.ProxyAuthenticationRequired
                or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or < HttpStatusCode.BadRequest or >= HttpStatusCode.InternalServerError:
                return new(WriteResult.Keep, text, RetryAfter(response.Headers.RetryAfter));
            default:
                var dropped = Dropped().Match(message); // v1: "partial write: … dropped=3" took the other lines
                return new(WriteResult.Rejected, text, DroppedLines: dropped.Success && int.TryParse(
                    dropped.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var lines) ? lines : null);
        }
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? (header?.Date - _time.GetUtcNow());
        return wait is null ? null : TimeSpan.FromTicks(Math.Clamp(wait.Value.Ticks, 0, _options.MaxRetryDelay.Ticks));
    }

    private async Task<bool> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        var query = "CREATE DATABASE " + InfluxQl.Identifier(_options.Database);
        using var content = new FormUrlEncodedContent([new("q", query)]);
        using var response = await _http.PostAsync(InfluxHttp.Address(_options, "query"), content, cancellationToken);
        if (!response.IsSuccessStatusCode) return false;
        StorageLog.InfluxDatabaseCreated(_logger, _options.Database, _options.Url!);
        return true;
    }

    [GeneratedRegex("dropped=([0-9]+)")]
    private static partial Regex Dropped();
}
