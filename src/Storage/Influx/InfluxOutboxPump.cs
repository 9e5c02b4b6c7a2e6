using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SmartCity.Storage;

/// <summary>
/// Sends the outbox to InfluxDB and takes a chunk out only after the server has it. While the server is away the chunks stay, also over a restart, and everything
/// else goes on. When much waits, it becomes the backlog, which is sent beside what comes new: docs/specs/008-influx-lanes.md says why no older version of a window
/// follows a newer one.
/// </summary>
/// <remarks>
/// One loop makes all calls to the outbox and keeps all state; requests are tasks that it waits for. Chunks up to <c>_cursor</c> belong to the backlog, those behind
/// it to the live lane, which sends only lines from <c>_boundary</c> on; what it leaves of a chunk joins the backlog.
/// </remarks>
internal sealed class InfluxOutboxPump : BackgroundService
{
    private const int MinPartLines = 500;

    private readonly IOutbox _outbox;
    private readonly BoundedClient _client;
    private readonly InfluxOptions _options;
    private readonly InfluxOutboxStatus _status;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Backoff _storeBackoff;
    private readonly OutboxLane _live;
    private readonly OutboxLane _backlog;
    private string _reason = "";
    private long? _reign;
    private long _cursor;
    private long _boundary = long.MinValue;
    private DateTimeOffset _notBefore; // what the server asked for counts for both lanes

    public InfluxOutboxPump(
        IOutbox outbox, ILineProtocolClient client, InfluxOptions options, InfluxOutboxStatus status, TimeProvider time, ILogger<InfluxOutboxPump>? logger = null)
    {
        (_outbox, _options, _status, _time) = (outbox, options, status, time);
        _client = new BoundedClient(client, options.MaxConcurrency);
        _logger = (ILogger?)logger ?? NullLogger.Instance;
        _storeBackoff = new Backoff(options.MinRetryDelay, options.MaxRetryDelay);
        (_live, _backlog) = (new OutboxLane(options, time), new OutboxLane(options, time));
    }

    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true) await StepAsync(stoppingToken);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop: what was not sent is in the store.
        }
        finally
        {
            await DropAsync();
        }
    }

    private async Task StepAsync(CancellationToken stoppingToken)
    {
        try
        {
            var reign = await _outbox.BeginAsync(stoppingToken);
            if (reign != _reign)
            {
                await DropAsync();
                (_reign, _cursor, _boundary) = (reign, 0, long.MinValue);
            }

            await FillAsync(stoppingToken);
            await WaitAsync(stoppingToken);
            foreach (var lane in (OutboxLane[])[_live, _backlog])
            {
                if (lane.Running is { IsCompleted: true }) await FinishAsync(lane, stoppingToken);
            }

            _storeBackoff.Reset();
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            // The store may be away, or its disk full, for a while. Sending a chunk again does no harm, so the loop simply goes on.
            StorageLog.OutboxFailed(_logger, error);
            await Task.Delay(_storeBackoff.Next(null), _time, stoppingToken);
        }
    }

    // Until something that was under way has ended or, while the live lane has nothing to send, a commit has added something.
    private async Task WaitAsync(CancellationToken stoppingToken)
    {
        var running = ((OutboxLane[])[_live, _backlog]).Where(l => l.Running is not null).Select(Task (l) => l.Running!).ToList();
        if (_live.Running is not null)
        {
            await Task.WhenAny(running);
            return;
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var changed = _outbox.ChangedAsync(enough.Token);
        await Task.WhenAny([.. running, changed]);
        await enough.CancelAsync();
        try
        {
            await changed;
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // What ended was the backlog's.
        }
    }

    private async Task FillAsync(CancellationToken stoppingToken)
    {
        if (_live.Running is null) await FillLiveAsync(stoppingToken);
        if (_backlog.Running is not null) return;
        var (first, _) = await _outbox.RangeAsync(stoppingToken);
        if (first != 0 && first <= _cursor && await _outbox.OldestAsync(first - 1, stoppingToken) is { } chunk)
            _backlog.Begin(chunk, null, Parts(chunk), Wait(), stoppingToken);
    }

    private async Task FillLiveAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var (first, last) = await _outbox.RangeAsync(stoppingToken);
            if (first == 0 || first > _cursor) _boundary = long.MinValue; // no backlog: nothing to keep behind
            if (last - Math.Max(_cursor, first - 1) > _options.MaxLiveChunks) await BecomeBacklogAsync(stoppingToken);
            var chunk = await _outbox.OldestAsync(_cursor, stoppingToken);
            if (chunk is null)
            {
                if ((first == 0 || first > _cursor) && await _outbox.RefillAsync(stoppingToken)) continue;
                return;
            }

            if (_boundary == long.MinValue)
            {
                _live.Begin(chunk, null, [Send(chunk.Body, chunk.Lines, chunk.Target)], Wait(), stoppingToken);
                return;
            }

            var (live, older) = LineText.Decompress(chunk.Body, chunk.Lines).Part((line, _) => LineText.Start(line) >= _boundary);
            if (live.Lines > 0)
            {
                var rest = older.Lines == 0 ? null : older.ToChunk();
                _live.Begin(chunk, rest, [Send(older.Lines == 0 ? chunk.Body : live.Compress(), live.Lines, chunk.Target)], Wait(), stoppingToken);
                return;
            }

            _cursor = chunk.Id;
        }
    }

    // All that waits, and whatever comes for the same window starts, keeps its order and is sent as the backlog.
    private async Task BecomeBacklogAsync(CancellationToken stoppingToken)
    {
        var (id, start) = await _outbox.LastAsync(stoppingToken);
        (_cursor, _boundary) = (id, start == long.MaxValue ? start : start + 1);
    }

    private ChunkSend Send(byte[] body, int lines, LineTarget target)
    {
        var reign = _reign!.Value;
        return new(_client.With(cancellationToken => _outbox.ConfirmAsync(reign, cancellationToken)), body, lines, target);
    }

    // The lines of a chunk are of different series and times, so its parts may overtake each other.
    private List<ChunkSend> Parts(OutboxChunk chunk)
    {
        var parts = Math.Min(_options.MaxConcurrency - 1, chunk.Lines / MinPartLines);
        if (parts < 2) return [Send(chunk.Body, chunk.Lines, chunk.Target)];
        var sends = new List<ChunkSend>();
        for (var rest = LineText.Decompress(chunk.Body, chunk.Lines); parts > 0; parts--)
        {
            (var part, rest) = rest.Split(rest.Lines / parts);
            sends.Add(Send(part.Compress(), part.Lines, chunk.Target));
        }

        return sends;
    }

    private async Task FinishAsync(OutboxLane lane, CancellationToken stoppingToken)
    {
        WriteOutcome outcome;
        try
        {
            outcome = await lane.Running!;
        }
        catch (Exception) when (!stoppingToken.IsCancellationRequested)
        {
            lane.Retry(null, Wait());
            throw;
        }

        if (outcome.Result == WriteResult.Keep)
        {
            // Again when there is another reason: somebody who has started InfluxDB wants to hear that its bucket is missing.
            var reason = outcome.Message.Split(':')[0];
            if (_status.Reachable != false || reason != _reason) StorageLog.InfluxUnreachable(_logger, _options.Url!, outcome.Message);
            _reason = reason;
            if (_time.GetUtcNow() + outcome.RetryAfter is { } until && until > _notBefore) _notBefore = until;
            _status.Kept(outcome.Message); // before the wait begins: who sees it begin finds its reason
            lane.Retry(outcome.RetryAfter, Wait());
            StorageTelemetry.InfluxRetries.Add(1);
            return;
        }

        var (chunk, rejected) = (lane.Chunk!, lane.Rejected);
        await _outbox.CompleteAsync(chunk, lane.Rest, _time.GetUtcNow().ToUnixTimeMilliseconds(), rejected, stoppingToken);
        if (lane == _live) _cursor = Math.Max(_cursor, chunk.Id);
        lane.End();
        if (lane == _backlog && Wait() == TimeSpan.Zero) _live.Hurry(); // new windows need not wait out what is over
        foreach (var reject in rejected.GroupBy(r => r.Message)) StorageLog.InfluxRejected(_logger, reject.Sum(r => r.Lines), reject.Key, reject.First().Sample);
        if (_status.Reachable == false) StorageLog.InfluxBack(_logger, _options.Url!, _outbox.Size.Chunks);
        _status.Sent(rejected.Sum(r => r.Lines));
    }

    private TimeSpan Wait() => _notBefore - _time.GetUtcNow() is { } wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero;

    private async Task DropAsync()
    {
        await _live.DropAsync();
        await _backlog.DropAsync();
    }
}
