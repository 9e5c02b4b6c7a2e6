using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SmartCity.Storage;

/// <summary>
/// Writes line protocol over HTTP: <c>/write?db=&amp;precision=ms</c> (v1), <c>/api/v2/write?org=&amp;bucket=&amp;precision=ms</c> (v2) or
/// <c>/api/v3/write_lp?db=&amp;precision=millisecond&amp;accept_partial=true</c> (v3). A database or bucket that is missing is created.
/// </summary>
/// <remarks>What an answer means: <see cref="InfluxAnswer"/>.</remarks>
public sealed class InfluxWriter : ILineProtocolClient, IDisposable
{
    private readonly InfluxOptions _options;
    private readonly TimeProvider _time;
    private readonly InfluxTls _tls;
    private readonly HttpClient _http;
    private readonly InfluxDatabase _database;
    private readonly (InfluxPlace Place, Uri Address)[] _targets; // by target
    private readonly bool[] _prepared;

    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public InfluxWriter(InfluxOptions options, TimeProvider? time = null, ILogger<InfluxWriter>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _time = time ?? TimeProvider.System;
        _tls = new InfluxTls(options);
        _http = InfluxHttp.CreateClient(options, _tls);
        _database = new InfluxDatabase(options, _http, logger ?? NullLogger<InfluxWriter>.Instance);
        _targets = [.. Enum.GetValues<LineTarget>().Select(target => InfluxPlace.Of(options, target)).Select(place => (place, AddressOf(place)))];
        _prepared = new bool[_targets.Length];
    }

    private Uri AddressOf(InfluxPlace place)
    {
        var (database, options) = (Uri.EscapeDataString(place.Database), _options);
        return InfluxHttp.Address(options, options.EffectiveApiVersion switch
        {
            InfluxApiVersion.V1 => $"write?db={database}{(place.Policy is { } policy ? "&rp=" + Uri.EscapeDataString(policy) : "")}&precision=ms",
            InfluxApiVersion.V2 => $"api/v2/write?org={Uri.EscapeDataString(options.Org!)}&bucket={database}&precision=ms",
            _ => $"api/v3/write_lp?db={database}&precision=millisecond&accept_partial=true",
        });
    }

    /// <inheritdoc/>
    public async Task<WriteOutcome> WriteAsync(ReadOnlyMemory<byte> gzipLines, LineTarget target, CancellationToken cancellationToken)
    {
        var (place, address) = _targets[(int)target];
        using var activity = StorageTelemetry.Activities.StartActivity("influx.write", ActivityKind.Client);
        activity?.SetTag("server.address", address.Host);
        activity?.SetTag("http.request.body.size", gzipLines.Length);
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        WriteOutcome outcome;
        try
        {
            if (!_prepared[(int)target]) await _database.PrepareAsync(place, either.Token);
            _prepared[(int)target] = true;
            (outcome, var isMissing) = await PostAsync(address, gzipLines, either.Token);
            if (isMissing)
            {
                if (await _database.CreateAsync(place, either.Token) is { } problem) outcome = outcome with { Message = $"{outcome.Message}; {problem}" };
                else (outcome, _) = await PostAsync(address, gzipLines, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            outcome = new(WriteResult.Keep, $"no answer within {_options.RequestTimeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            outcome = new(WriteResult.Keep, _tls.Explain(error));
        }

        outcome = place.Forgive(outcome);
        StorageTelemetry.InfluxWrites.Add(1, StorageTelemetry.Outcome(Word(outcome.Result)));
        if (outcome.Result != WriteResult.Accepted) activity?.SetStatus(ActivityStatusCode.Error, outcome.Message);
        return outcome;
    }

    public void Dispose()
    {
        _http.Dispose();
        _tls.Dispose();
    }

    private static string Word(WriteResult result) => result switch
    {
        WriteResult.Accepted => "accepted",
        WriteResult.Rejected => "rejected",
        WriteResult.TooLarge => "too_large",
        _ => "kept",
    };

    private async Task<(WriteOutcome Outcome, bool IsMissing)> PostAsync(Uri address, ReadOnlyMemory<byte> gzipLines, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ReadOnlyMemoryContent(gzipLines) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/plain", "utf-8");
        request.Content.Headers.ContentEncoding.Add("gzip");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NoContent) return (WriteOutcome.Accepted, false);
        var body = await InfluxHttp.ReadBodyAsync(response, InfluxAnswer.BytesToRead(_options.EffectiveApiVersion, response.StatusCode), cancellationToken);
        var outcome = InfluxAnswer.Judge(_options.EffectiveApiVersion, response, body, _time.GetUtcNow(), _options.MaxRetryDelay);
        return (outcome, response.StatusCode == HttpStatusCode.NotFound && response.Content.Headers.ContentType?.MediaType != "text/html");
    }
}
