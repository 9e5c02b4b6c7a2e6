namespace SmartCity.Simulators;

/// <summary>How far an audit is.</summary>
/// <param name="Phase">What it does now, for people.</param>
/// <param name="Part">Share of the comparisons that are done, 0 to 1; 0 while the platform is waited for.</param>
/// <param name="Elapsed">Since the comparisons began; zero before.</param>
/// <param name="Rows">Rows that were compared.</param>
/// <param name="Differences">Found so far.</param>
public sealed record AuditProgress(string Phase, double Part, TimeSpan Elapsed, long Rows, long Differences);
