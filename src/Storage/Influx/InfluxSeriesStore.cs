using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// Window statistics in InfluxDB: written as line protocol, read with InfluxQL over <c>/query</c> (InfluxDB 1.x; 2.x with a DBRP mapping).
/// </summary>
public sealed class InfluxSeriesStore : ISeriesStore, IDisposable
{
    private readonly InfluxOptions _options;
    private readonly ILineProtocolClient _client;
    private readonly InfluxQuery _query;
    private readonly InfluxSeriesReader _reader;

    public InfluxSeriesStore(InfluxOptions options, ILineProtocolClient client, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _client = client;
        _query = new InfluxQuery(options, time ?? TimeProvider.System, options.RequestTimeout);
        _reader = new InfluxSeriesReader(_query, options);
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">InfluxDB takes no writes now; what was written before stays, and all can be written again.</exception>
    /// <exception cref="InvalidDataException">InfluxDB refused some of the rows.</exception>
    public async Task WriteAsync(IReadOnlyList<DeviceWindow> windows, IReadOnlyList<AreaWindow> areas, CancellationToken cancellationToken)
    {
        var rejected = new List<RejectedLines>();
        foreach (var chunk in LineProtocol.Chunks(windows, areas, _options))
        {
            var send = new ChunkSend(_client, chunk.Body, chunk.Lines, chunk.Target);
            var outcome = await send.ContinueAsync(cancellationToken);
            if (!send.Done) throw new StoreUnavailableException($"InfluxDB at {_options.Url} takes no writes ({outcome.Message}): start it, or correct Influx:Url.");
            rejected.AddRange(send.Rejected);
        }

        if (rejected.Count > 0) throw new InvalidDataException($"InfluxDB refused {rejected.Sum(r => r.Lines)} lines: {rejected[0].Message}");
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SeriesRow>> ReadDeviceAsync(
        string deviceId, string metric, long fromMs, long toMs, CancellationToken cancellationToken) =>
        _reader.ReadAsync(LineTarget.Windows, area: false, [("device", deviceId)], metric, fromMs, toMs, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SeriesRow>> ReadAreaAsync(
        string area, string kind, string metric, long fromMs, long toMs, CancellationToken cancellationToken) =>
        _reader.ReadAsync(LineTarget.Windows, area: true, [("area", area), ("kind", kind)], metric, fromMs, toMs, cancellationToken);

    public void Dispose() => _query.Dispose();
}
