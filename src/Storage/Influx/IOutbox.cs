namespace SmartCity.Storage;

/// <summary>
/// What InfluxDB has not got yet: chunks of lines in the order of their commits, and beyond the bound the starts of windows whose rows are read from the store
/// again. One pump empties it. All but <see cref="Size"/>, <see cref="FirstStartAsync"/> and <see cref="ReadRejectsAsync"/> belong to that pump, which makes one call at a time but for <see cref="ConfirmAsync"/>.
/// </summary>
internal interface IOutbox
{
    /// <summary>Chunks, compressed bytes and window starts that wait, as far as this process knows. Safe to read from any thread.</summary>
    (long Chunks, long Bytes, long Starts) Size { get; }

    /// <summary>Completes when the store is open and it is this process that sends. Asked before each step: what was given may have been lost.</summary>
    /// <returns>The number of the reign: another than the last time when somebody else may have sent in between. What was read before is then no longer to be sent.</returns>
    ValueTask<long> BeginAsync(CancellationToken cancellationToken);

    /// <summary>Completes after a commit added to the outbox since the last call.</summary>
    Task ChangedAsync(CancellationToken cancellationToken);

    /// <summary>The ids of the oldest and the newest chunk; (0, 0) when there is none.</summary>
    Task<(long First, long Last)> RangeAsync(CancellationToken cancellationToken);

    /// <summary>The newest id and the latest timestamp of a line in any chunk; a timestamp that is not known counts as <see cref="long.MaxValue"/>.</summary>
    Task<(long Id, long StartMs)> LastAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The earliest timestamp of anything that waits: InfluxDB has every older window in the version that is stored. <see cref="long.MaxValue"/> when nothing waits,
    /// a very early one when it is not known. May be asked by anybody, at any time.
    /// </summary>
    Task<long> FirstStartAsync(CancellationToken cancellationToken);

    /// <summary>The oldest chunk with an id above <paramref name="afterId"/>, or null.</summary>
    Task<OutboxChunk?> OldestAsync(long afterId, CancellationToken cancellationToken);

    /// <summary>Throws when that reign is over, even if another one of this process has begun. Asked before each request, perhaps while another call is under way.</summary>
    Task ConfirmAsync(long reign, CancellationToken cancellationToken);

    /// <summary>Reads the rows of one window start that the full outbox only noted, as they are now, into chunks behind all others.</summary>
    /// <returns>False when no start waits.</returns>
    Task<bool> RefillAsync(CancellationToken cancellationToken);

    /// <summary>Takes a chunk that was sent out of the outbox, or leaves <paramref name="rest"/> of it in its place, and keeps what was refused of it.</summary>
    Task CompleteAsync(OutboxChunk chunk, LineChunk? rest, long nowMs, IReadOnlyList<RejectedLines> rejected, CancellationToken cancellationToken);

    /// <summary>What InfluxDB refused for good; newest first, at most 1,000.</summary>
    Task<IReadOnlyList<RejectedLines>> ReadRejectsAsync(CancellationToken cancellationToken);
}
