namespace SmartCity.Gateway;

/// <summary>Mean of the readings of a metric that arrived in the last minute.</summary>
public sealed record OverviewMetric(string Metric, double Mean, long Count);
