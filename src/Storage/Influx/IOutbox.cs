namespace SmartCity.Storage;

/// <summary>
/// What InfluxDB has not got yet: chunks of lines in the order of their commits, and beyond the bound the starts of windows whose rows are read from the store
/// again. One pump empties it, also where several processes fill it. All but <see cref="Size"/> and <see cref="ReadRejectsAsync"/> belong to that pump.
/// </summary>
internal interface IOutbox
{
    /// <summary>Chunks, compressed bytes and window starts that wait, as far as this process knows. Safe to read from any thread.</summary>
    (long Chunks, long Bytes, long Starts) Size { get; }

    /// <summary>Completes when the store is open and it is this process that sends. Asked before each step: what was given may have been lost.</summary>
    Task BeginAsync(CancellationToken cancellationToken);

    /// <summary>Completes after a commit added to the outbox since the last call.</summary>
    Task ChangedAsync(CancellationToken cancellationToken);

    /// <summary>The chunk to send next, or null when there is nothing to send.</summary>
    Task<OutboxChunk?> OldestAsync(CancellationToken cancellationToken);

    /// <summary>Throws when this process is no longer the one that sends. Asked between the requests of one chunk.</summary>
    Task ConfirmAsync(CancellationToken cancellationToken);

    /// <summary>Takes a chunk that was sent out of the outbox and keeps what was refused of it.</summary>
    Task CompleteAsync(OutboxChunk chunk, long nowMs, IReadOnlyList<RejectedLines> rejected, CancellationToken cancellationToken);

    /// <summary>What InfluxDB refused for good; newest first, at most 1,000.</summary>
    Task<IReadOnlyList<RejectedLines>> ReadRejectsAsync(CancellationToken cancellationToken);
}
