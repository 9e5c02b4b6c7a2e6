namespace SmartCity.Simulators;

/// <summary>What <c>record --json</c> prints.</summary>
/// <param name="Bytes">Of topics and payloads.</param>
/// <param name="FileBytes">Of the whole file, what was there before included.</param>
/// <param name="TooLarge">Messages that were left out because they do not fit a frame.</param>
/// <param name="Stopped">True when Ctrl+C ended it.</param>
internal sealed record RecordSummary(string File, long Messages, long Bytes, long FileBytes, long TooLarge, int ConnectionsLost, double Seconds, bool Stopped);
