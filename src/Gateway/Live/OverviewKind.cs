namespace SmartCity.Gateway;

/// <summary>One kind of device in an area.</summary>
public sealed record OverviewKind(string Kind, int Devices, IReadOnlyList<OverviewMetric> Metrics);
