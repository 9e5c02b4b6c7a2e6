namespace SmartCity.Simulators;

/// <summary>What <c>audit --json</c> prints after Ctrl+C.</summary>
/// <param name="Part">Share that was compared, 0 to 1.</param>
/// <param name="First">The first differences; those of what was not compared are not known.</param>
internal sealed record AuditStopped(bool Stopped, double Part, long Rows, long Differences, IReadOnlyList<Difference> First);
