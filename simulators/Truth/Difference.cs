namespace SmartCity.Simulators;

/// <summary>Something that the platform shows and the truth does not explain.</summary>
/// <param name="Where">Device or area.</param>
/// <param name="What">Metric and step, or a field of the ledger.</param>
/// <param name="Window">Start of the window; null for the ledger.</param>
/// <param name="Readings">How many readings are missing, too many, or, at least, not what they were.</param>
/// <param name="Causes">Faults and scenarios that touched it.</param>
public sealed record Difference(string Where, string What, DateTimeOffset? Window, string Expected, string Found, long Readings, IReadOnlyList<string> Causes)
{
    public override string ToString() =>
        $"{Where} {What}{(Window is { } at ? FormattableString.Invariant($" at {at:yyyy-MM-ddTHH:mm:ssZ}") : "")}: expected {Expected}; found {Found}; touched by: {(Causes.Count == 0 ? "nothing" : string.Join(", ", Causes))}";
}
