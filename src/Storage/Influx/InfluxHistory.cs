using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// Series read back from InfluxDB, up to the earliest window that still waits to be sent. While InfluxDB takes no writes, and for a while after it could not be read, it is
/// not asked.
/// </summary>
internal sealed class InfluxHistory : ISeriesHistory, IReadingHistory, IDisposable
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);
    private readonly IOutbox _outbox;
    private readonly InfluxOutboxStatus _status;
    private readonly bool _hasTiers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly InfluxQuery _query;
    private readonly InfluxSeriesReader _reader;
    private readonly InfluxReadingReader _readings;
    private long _askAgainTicks;

    public InfluxHistory(InfluxOptions options, IOutbox outbox, InfluxOutboxStatus status, TimeProvider time, ILogger<InfluxHistory>? logger = null)
    {
        (_outbox, _status, _time, _logger) = (outbox, status, time, (ILogger?)logger ?? NullLogger.Instance);
        _hasTiers = options.Tiers;
        _query = new InfluxQuery(options, time, options.RequestTimeout < s_longest ? options.RequestTimeout : s_longest);
        (_reader, _readings) = (new InfluxSeriesReader(_query, options), new InfluxReadingReader(_query, options));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SeriesRow>> ReadDeviceAsync(string deviceId, string kind, string metric, TimeTier? tier, long fromMs, long toMs, CancellationToken cancellationToken) =>
        ReadAsync(tier, area: false, [("device", deviceId), ("kind", kind)], metric, fromMs, toMs, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SeriesRow>> ReadAreaAsync(string area, string kind, string metric, TimeTier? tier, long fromMs, long toMs, CancellationToken cancellationToken) =>
        ReadAsync(tier, area: true, [("area", area), ("kind", kind)], metric, fromMs, toMs, cancellationToken);

    /// <inheritdoc/>
    public async Task<ReadingPage?> ReadReadingsAsync(ReadingQuery query, CancellationToken cancellationToken) =>
        IsAway ? null : await GuardAsync<ReadingPage?>(() => _readings.ReadAsync(query, cancellationToken)!, null);

    public void Dispose() => _query.Dispose();

    private bool IsAway => _status.Reachable == false || _time.GetUtcNow().UtcTicks < Volatile.Read(ref _askAgainTicks);

    private async Task<IReadOnlyList<SeriesRow>> ReadAsync(
        TimeTier? tier, bool area, (string Key, string Value)[] tags, string metric, long fromMs, long toMs, CancellationToken cancellationToken)
    {
        if (IsAway || (tier is not null && !_hasTiers)) return [];
        var until = Math.Min(toMs, await _outbox.FirstStartAsync(cancellationToken));
        if (until <= fromMs) return [];
        return await GuardAsync(() => _reader.ReadAsync(tier is null ? LineTarget.Windows : RollupLines.TargetOf(tier), area, tags, metric, fromMs, until, cancellationToken), []);
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> read, T otherwise)
    {
        try
        {
            return await read();
        }
        catch (StoreUnavailableException error)
        {
            Volatile.Write(ref _askAgainTicks, (_time.GetUtcNow() + s_pause).UtcTicks);
            StorageLog.HistoryUnavailable(_logger, error.Message, s_pause);
            return otherwise;
        }
    }
}
