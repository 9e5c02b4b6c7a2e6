namespace SmartCity.Simulators;

/// <summary>What a load run measured.</summary>
/// <param name="Sent">Messages written.</param>
/// <param name="Acknowledged">Messages with a successful PUBACK or PUBCOMP; for QoS 0 those that the broker has read, as its answer to a request behind them shows.</param>
/// <param name="Refused">Messages whose acknowledgement had a failure code.</param>
/// <param name="Seconds">From the first message until the last acknowledgement.</param>
/// <param name="LatencyMs">
/// At a given rate, from when a message was due to reading its acknowledgement, so that what a slow broker made wait is counted too; otherwise from writing
/// it. For QoS 0 at a given rate, which has no acknowledgement, from when it was due to its writing. Null without any.
/// </param>
public sealed record LoadResult(long Sent, long Acknowledged, long Refused, double Seconds, LatencySummary? LatencyMs)
{
    /// <summary>Acknowledged messages per second.</summary>
    public double Rate => Seconds > 0 ? Acknowledged / Seconds : 0;

    /// <summary>Messages that were written and never answered.</summary>
    public long Unanswered => Sent - Acknowledged - Refused;

    /// <summary>Messages that were due at the given rate and could not be written, since their connection waited for the broker or was lost.</summary>
    public long Behind { get; init; }

    public int Connections { get; init; }

    /// <summary>Connections that ended before they should.</summary>
    public int Lost { get; init; }

    /// <summary>Why the first of them ended; null when none did.</summary>
    public string? FirstLoss { get; init; }

    /// <summary>Processor time of this whole process from the first message on: messages over this is what one core sends.</summary>
    public double ProcessorSeconds { get; init; }

    /// <summary>Messages per second of processor time of the driver; what one core can send.</summary>
    public double RatePerCore => ProcessorSeconds > 0 ? Sent / ProcessorSeconds : 0;

    /// <summary>What the subscribers got; null without any.</summary>
    public DeliveryResult? Delivery { get; init; }

    /// <summary>True when it was cancelled before its end.</summary>
    public bool Stopped { get; init; }
}
