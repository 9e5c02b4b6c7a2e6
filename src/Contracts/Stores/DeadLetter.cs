namespace SmartCity.Contracts;

/// <summary>A message, or readings of one, that could not be taken: kept with the reason, so that it can be looked at and replayed.</summary>
public sealed record DeadLetter
{
    /// <summary>Intake log position; with <see cref="Ordinal"/> the identity, so that replay does not record it twice.</summary>
    public required long Position { get; init; }

    /// <summary>The gateway of that log; part of the identity.</summary>
    public int Gateway { get; init; }

    /// <summary>Counts the dead letters of one record, from 0.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public required long ArrivalMs { get; init; }

    /// <summary>
    /// An instant of the hour whose ledger counts it, Unix milliseconds; null for that of arrival. Set when the readings were accepted into the
    /// hour of their event time before they were refused, so that each hour balances. Not stored.
    /// </summary>
    public long? CountedMs { get; init; }

    public required string Topic { get; init; }

    /// <summary>Device id of the topic; empty when the topic named none.</summary>
    public required string DeviceId { get; init; }

    /// <summary>One of <see cref="RejectReason"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>What was wrong and what would be right, in a sentence.</summary>
    public required string Detail { get; init; }

    /// <summary>Readings that this rejects; 1 for a message that could not be decoded.</summary>
    public required int Readings { get; init; }

    /// <summary>When it was taken in again, put right; Unix milliseconds. Null: never.</summary>
    public long? ReplayedMs { get; init; }

    /// <summary>The payload, cut to a limit.</summary>
    public required byte[] Payload { get; init; }
}
