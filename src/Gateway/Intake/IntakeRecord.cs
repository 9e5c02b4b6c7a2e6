namespace SmartCity.Gateway;

/// <summary>One PUBLISH in the intake log. Spans point into the batch.</summary>
public readonly ref struct IntakeRecord
{
    /// <summary>Number of the record; the first is 1.</summary>
    public long Sequence { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public long ArrivalMs { get; init; }

    public ReadOnlySpan<byte> Topic { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }
}
