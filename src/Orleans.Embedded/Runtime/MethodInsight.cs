namespace Orleans.Runtime;

/// <summary>One grain method.</summary>
/// <param name="Timed">Calls that were timed.</param>
/// <param name="Suspended">Timed calls that suspended.</param>
public sealed record MethodInsight(string Name, long Timed, long Suspended, double MeanMs, double MaxMs);
