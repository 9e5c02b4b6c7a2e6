namespace SmartCity.Simulators;

/// <summary>What a load run measured.</summary>
/// <param name="Sent">Messages written.</param>
/// <param name="Acknowledged">Messages with a successful PUBACK or PUBCOMP; for QoS 0 those that the broker has read, as its answer to a request behind them shows.</param>
/// <param name="Refused">Messages whose acknowledgement had a failure code.</param>
/// <param name="Seconds">From the first message until the last acknowledgement.</param>
/// <param name="LatencyMs">From writing a message to reading its acknowledgement; null for QoS 0, which has none.</param>
public sealed record LoadResult(long Sent, long Acknowledged, long Refused, double Seconds, LatencySummary? LatencyMs)
{
    /// <summary>Acknowledged messages per second.</summary>
    public double Rate => Seconds > 0 ? Acknowledged / Seconds : 0;
}
