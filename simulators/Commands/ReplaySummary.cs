namespace SmartCity.Simulators;

/// <summary>What <c>replay --json</c> prints.</summary>
/// <param name="Total">Messages of the recording.</param>
/// <param name="Unanswered">Messages of QoS 1 and 2 that were sent and had no answer.</param>
/// <param name="Unmoved">Messages without a <c>ts</c> that could be moved.</param>
/// <param name="DamagedBytes">Of the file, left out.</param>
/// <param name="MovedSeconds">By how much event times were moved.</param>
/// <param name="Stopped">True when Ctrl+C ended it.</param>
internal sealed record ReplaySummary(long Total, long Sent, long Acknowledged, long Refused, long Unanswered, long Unmoved, long DamagedBytes, double MovedSeconds, double Seconds, bool Stopped);
