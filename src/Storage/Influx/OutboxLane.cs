namespace SmartCity.Storage;

/// <summary>One of the two queues to InfluxDB: the chunk that it has under way, in one or more parts, and how long it waits after a failure.</summary>
internal sealed class OutboxLane(InfluxOptions options, TimeProvider time)
{
    private readonly Backoff _backoff = new(options.MinRetryDelay, options.MaxRetryDelay);
    private IReadOnlyList<ChunkSend> _sends = [];
    private CancellationTokenSource? _dropped;
    private CancellationToken _stopping;
    private TaskCompletionSource? _hurried;

    /// <summary>What is under way; null when there is nothing.</summary>
    public Task<WriteOutcome>? Running { get; private set; }

    public OutboxChunk? Chunk { get; private set; }

    /// <summary>Lines of the chunk that this lane does not send.</summary>
    public LineChunk? Rest { get; private set; }

    public IReadOnlyList<RejectedLines> Rejected => [.. _sends.SelectMany(s => s.Rejected)];

    public void Begin(OutboxChunk chunk, LineChunk? rest, IReadOnlyList<ChunkSend> sends, TimeSpan wait, CancellationToken cancellationToken)
    {
        (Chunk, Rest, _sends) = (chunk, rest, sends);
        _stopping = cancellationToken;
        _dropped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Running = RunAsync(wait, _dropped.Token);
    }

    /// <summary>Tries again after a while.</summary>
    public void Retry(TimeSpan? retryAfter, TimeSpan atLeast)
    {
        var wait = _backoff.Next(retryAfter);
        Running = RunAsync(wait > atLeast ? wait : atLeast, _dropped!.Token);
    }

    /// <summary>Waits no longer: the server takes writes.</summary>
    public void Hurry() => _hurried?.TrySetResult();

    /// <summary>The chunk is out of the outbox.</summary>
    public void End()
    {
        _backoff.Reset();
        _dropped?.Dispose();
        (Running, Chunk, Rest, _sends, _dropped) = (null, null, null, [], null);
    }

    /// <summary>
    /// Forgets the chunk. A request that is under way is left to end, unless the process stops: one that is broken off the server may execute late, behind what is
    /// sent next. Others are not begun, if the reign is over; nor are waits waited out.
    /// </summary>
    public async Task DropAsync()
    {
        if (_dropped is { } dropped) await dropped.CancelAsync();
        if (Running is { } running) await running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        End();
    }

    private async Task<WriteOutcome> RunAsync(TimeSpan wait, CancellationToken dropped)
    {
        if (wait > TimeSpan.Zero) await WaitAsync(wait, dropped);
        var outcomes = await Task.WhenAll(_sends.Where(s => !s.Done).Select(s => s.ContinueAsync(_stopping)));
        var kept = outcomes.Where(o => o.Result == WriteResult.Keep).ToList();
        return kept.Count == 0 ? WriteOutcome.Accepted : kept.MaxBy(o => o.RetryAfter ?? TimeSpan.Zero);
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        _hurried = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(Task.Delay(wait, time, enough.Token), _hurried.Task);
        await enough.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
