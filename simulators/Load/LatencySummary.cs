namespace SmartCity.Simulators;

/// <summary>Percentiles of a latency, milliseconds.</summary>
public sealed record LatencySummary(double P50, double P90, double P99, double P999, double P9999, double Max);
