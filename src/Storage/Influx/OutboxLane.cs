namespace SmartCity.Storage;

/// <summary>One of the two queues to InfluxDB: the chunk that it has under way, in one or more parts, and how long it waits after a failure.</summary>
internal sealed class OutboxLane(InfluxOptions options, TimeProvider time)
{
    private readonly Backoff _backoff = new(options.MinRetryDelay, options.MaxRetryDelay);
    private IReadOnlyList<ChunkSend> _sends = [];

    /// <summary>What is under way; null when there is nothing.</summary>
    public Task<WriteOutcome>? Running { get; private set; }

    public OutboxChunk? Chunk { get; private set; }

    /// <summary>Lines of the chunk that this lane does not send.</summary>
    public LineChunk? Rest { get; private set; }

    public IReadOnlyList<RejectedLines> Rejected => [.. _sends.SelectMany(s => s.Rejected)];

    public void Begin(OutboxChunk chunk, LineChunk? rest, IReadOnlyList<ChunkSend> sends, TimeSpan wait, CancellationToken cancellationToken)
    {
        (Chunk, Rest, _sends) = (chunk, rest, sends);
        Running = RunAsync(wait, cancellationToken);
    }

    /// <summary>Tries again after a while.</summary>
    public void Retry(TimeSpan? retryAfter, TimeSpan atLeast, CancellationToken cancellationToken)
    {
        var wait = _backoff.Next(retryAfter);
        Running = RunAsync(wait > atLeast ? wait : atLeast, cancellationToken);
    }

    /// <summary>The chunk is out of the outbox.</summary>
    public void End()
    {
        _backoff.Reset();
        Drop();
    }

    /// <summary>Forgets what was under way.</summary>
    public void Drop() => (Running, Chunk, Rest, _sends) = (null, null, null, []);

    private async Task<WriteOutcome> RunAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellationToken);
        var outcomes = await Task.WhenAll(_sends.Where(s => !s.Done).Select(s => s.ContinueAsync(cancellationToken)));
        var kept = outcomes.Where(o => o.Result == WriteResult.Keep).ToList();
        return kept.Count == 0 ? WriteOutcome.Accepted : kept.MaxBy(o => o.RetryAfter ?? TimeSpan.Zero);
    }
}
