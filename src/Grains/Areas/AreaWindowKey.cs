namespace SmartCity.Grains;

/// <summary>A window of an area.</summary>
internal readonly record struct AreaWindowKey(string Kind, string Metric, long StartMs);
