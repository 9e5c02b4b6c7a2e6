using System.Net;
using System.Text;
using InfluxDB.Client;
using InfluxDB.Client.Api.Domain;
using InfluxDB.Client.Core.Exceptions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SmartCity.Storage;

/// <summary>Writes line protocol through InfluxDB.Client, by the v2 API.</summary>
/// <remarks>What an answer means is the same as in <see cref="InfluxWriter"/>.</remarks>
public sealed class InfluxClientWriter : ILineProtocolClient, IDisposable
{
    private readonly InfluxOptions _options;
    private readonly InfluxDBClient _client;
    private readonly InfluxTls _tls;
    private readonly HttpClient _http;
    private readonly InfluxDatabase _database;
    private readonly bool[] _prepared = new bool[Enum.GetValues<LineTarget>().Length];

    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public InfluxClientWriter(InfluxOptions options, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        var settings = new InfluxDBClientOptions(options.Url!) { Org = options.Org, Bucket = options.Database, Timeout = options.RequestTimeout, AllowHttpRedirects = false };
        if (!string.IsNullOrEmpty(options.Token)) settings.Token = options.Token;
        _client = new(settings);
        _client.EnableGzip();
        _tls = new InfluxTls(options);
        _http = InfluxHttp.CreateClient(options, _tls);
        _database = new InfluxDatabase(options, _http, logger ?? NullLogger.Instance);
    }

    /// <inheritdoc/>
    public async Task<WriteOutcome> WriteAsync(ReadOnlyMemory<byte> gzipLines, LineTarget target, CancellationToken cancellationToken)
    {
        var place = InfluxPlace.Of(_options, target);
        // For all of it together: another process of a cluster waits no longer before it sends what is newer.
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.RequestTimeout);
        try
        {
            if (!_prepared[(int)target]) await _database.PrepareAsync(place, timeout.Token);
            _prepared[(int)target] = true;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // Away: the write finds out, and the next one prepares.
        }

        var outcome = place.Forgive(await SendAsync(gzipLines, place.Database, cancellationToken));
        if (!outcome.Message.StartsWith("404: ", StringComparison.Ordinal)) return outcome;
        try
        {
            return await _database.CreateAsync(place, timeout.Token) is { } problem ? outcome with { Message = $"{outcome.Message}; {problem}" } : place.Forgive(await SendAsync(gzipLines, place.Database, timeout.Token));
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return outcome;
        }
    }

    private async Task<WriteOutcome> SendAsync(ReadOnlyMemory<byte> gzipLines, string bucket, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // The client takes text and compresses it itself.
        var lines = Encoding.UTF8.GetString(LineBatcher.Decompress(gzipLines));
        try
        {
            await _client.GetWriteApiAsync().WriteRecordAsync(lines, WritePrecision.Ms, bucket, _options.Org, cancellationToken).WaitAsync(_options.RequestTimeout, cancellationToken);
            return Counted(WriteOutcome.Accepted, "accepted");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (HttpException error) when (error.Status is { } status and > 0)
        {
            return Answered((HttpStatusCode)status, error);
        }
        catch (Exception error)
        {
            return Counted(new(WriteResult.Keep, error.Message), "kept"); // no answer: away, too slow, or broken in between
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
        _tls.Dispose();
    }

    private static WriteOutcome Answered(HttpStatusCode status, HttpException error)
    {
        var message = $"{(int)status}: {error.Message.ReplaceLineEndings(" ")}";
        TimeSpan? retryAfter = error.RetryAfter is > 0 and { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        return (int)status switch
        {
            413 => Counted(new(WriteResult.TooLarge, message), "too_large"),
            400 or 422 when !error.Message.TrimStart().StartsWith('<') => Counted(new(WriteResult.Rejected, message), "rejected"),
            _ => Counted(new(WriteResult.Keep, message, retryAfter), "kept"),
        };
    }

    private static WriteOutcome Counted(WriteOutcome outcome, string name)
    {
        StorageTelemetry.InfluxWrites.Add(1, StorageTelemetry.Outcome(name));
        return outcome;
    }
}
