namespace SmartCity.Storage.Tests;

/// <summary>An outbox that another process may take over.</summary>
internal sealed class ContestedOutbox(IOutbox inner) : IOutbox
{
    private long _reign = 1;
    private bool _lost;

    public (long Chunks, long Bytes, long Starts) Size => inner.Size;

    /// <summary>Somebody else sends, until the pump begins again.</summary>
    public void Lose() => Volatile.Write(ref _lost, true);

    public async ValueTask<long> BeginAsync(CancellationToken cancellationToken)
    {
        await inner.BeginAsync(cancellationToken);
        if (Volatile.Read(ref _lost)) _reign++;
        Volatile.Write(ref _lost, false);
        return _reign;
    }

    public Task ConfirmAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref _lost) ? Task.FromException(new InvalidOperationException("Another process sends the outbox.")) : Task.CompletedTask;

    public Task ChangedAsync(CancellationToken cancellationToken) => inner.ChangedAsync(cancellationToken);

    public Task<(long First, long Last)> RangeAsync(CancellationToken cancellationToken) => inner.RangeAsync(cancellationToken);

    public Task<(long Id, long StartMs)> LastAsync(CancellationToken cancellationToken) => inner.LastAsync(cancellationToken);

    public Task<long> FirstStartAsync(CancellationToken cancellationToken) => inner.FirstStartAsync(cancellationToken);

    public Task<OutboxChunk?> OldestAsync(long afterId, CancellationToken cancellationToken) => inner.OldestAsync(afterId, cancellationToken);

    public Task<bool> RefillAsync(CancellationToken cancellationToken) => inner.RefillAsync(cancellationToken);

    public Task CompleteAsync(OutboxChunk chunk, LineChunk? rest, long nowMs, IReadOnlyList<RejectedLines> rejected, CancellationToken cancellationToken) =>
        inner.CompleteAsync(chunk, rest, nowMs, rejected, cancellationToken);

    public Task<IReadOnlyList<RejectedLines>> ReadRejectsAsync(CancellationToken cancellationToken) => inner.ReadRejectsAsync(cancellationToken);
}
