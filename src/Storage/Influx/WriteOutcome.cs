namespace SmartCity.Storage;

/// <summary>The outcome of one write.</summary>
/// <param name="Message">What the server said, or what kept us from it; empty when accepted.</param>
/// <param name="RetryAfter">How long the server asked to be left alone.</param>
/// <param name="DroppedLines">Of a rejected write: how many lines the server did not take; null when it took none or did not say.</param>
/// <param name="Refused">Of a rejected write: the lines that the answer names, perhaps not all; null when it names none.</param>
public readonly record struct WriteOutcome(
    WriteResult Result, string Message = "", TimeSpan? RetryAfter = null, int? DroppedLines = null, IReadOnlyList<RefusedLine>? Refused = null)
{
    public static WriteOutcome Accepted { get; } = new(WriteResult.Accepted);
}
