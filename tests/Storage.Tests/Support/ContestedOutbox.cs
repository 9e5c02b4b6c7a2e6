using System.Threading.Channels;

namespace SmartCity.Storage.Tests;

/// <summary>An outbox that another process may take over.</summary>
internal sealed class ContestedOutbox(IOutbox inner) : IOutbox
{
    private readonly TaskCompletionSource _denied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<long> _given = Channel.CreateUnbounded<long>();
    private Task _away = Task.CompletedTask;
    private long _reign = 1;
    private bool _lost;

    public (long Chunks, long Bytes, long Starts) Size => inner.Size;

    /// <summary>Completes when a request was not confirmed.</summary>
    public Task Denied => _denied.Task;

    /// <summary>Somebody else sends, until the pump begins again.</summary>
    /// <param name="until">How long the other one sends at least.</param>
    public void Lose(Task? until = null)
    {
        _away = until ?? Task.CompletedTask;
        Volatile.Write(ref _lost, true);
    }

    public async ValueTask<long> BeginAsync(CancellationToken cancellationToken)
    {
        await inner.BeginAsync(cancellationToken);
        if (!Volatile.Read(ref _lost)) return _reign;
        await _away.WaitAsync(cancellationToken);
        Interlocked.Increment(ref _reign);
        Volatile.Write(ref _lost, false);
        return _reign;
    }

    public Task ConfirmAsync(long reign, CancellationToken cancellationToken)
    {
        if (!Volatile.Read(ref _lost) && reign == Volatile.Read(ref _reign)) return Task.CompletedTask;
        _denied.TrySetResult();
        return Task.FromException(new InvalidOperationException("Another process sends the outbox."));
    }

    public Task ChangedAsync(CancellationToken cancellationToken) => inner.ChangedAsync(cancellationToken);

    public Task<(long First, long Last)> RangeAsync(CancellationToken cancellationToken) => inner.RangeAsync(cancellationToken);

    public Task<(long Id, long StartMs)> LastAsync(CancellationToken cancellationToken) => inner.LastAsync(cancellationToken);

    public Task<long> FirstStartAsync(CancellationToken cancellationToken) => inner.FirstStartAsync(cancellationToken);

    public async Task<OutboxChunk?> OldestAsync(long afterId, CancellationToken cancellationToken)
    {
        var chunk = await inner.OldestAsync(afterId, cancellationToken);
        if (chunk is not null) _given.Writer.TryWrite(chunk.Id);
        return chunk;
    }

    /// <summary>Waits until the pump was given so many chunks.</summary>
    public async Task GivenAsync(int chunks)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            for (; chunks > 0; chunks--) await _given.Reader.ReadAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Awaited: {chunks} more chunks that are given to the pump.");
        }
    }

    public Task<bool> RefillAsync(CancellationToken cancellationToken) => inner.RefillAsync(cancellationToken);

    public Task CompleteAsync(OutboxChunk chunk, LineChunk? rest, long nowMs, IReadOnlyList<RejectedLines> rejected, CancellationToken cancellationToken) =>
        inner.CompleteAsync(chunk, rest, nowMs, rejected, cancellationToken);

    public Task<IReadOnlyList<RejectedLines>> ReadRejectsAsync(CancellationToken cancellationToken) => inner.ReadRejectsAsync(cancellationToken);
}
