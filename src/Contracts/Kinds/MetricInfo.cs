namespace SmartCity.Contracts;

/// <summary>What is known of a metric.</summary>
/// <param name="Unit">Unit of measure, for people.</param>
/// <param name="Min">Smallest value that can be true; anything below is rejected as out of range. Likewise <paramref name="Max"/>.</param>
/// <param name="Form">How its windows keep statistics; null for a quantity of which nothing special is known.</param>
public sealed record MetricInfo(string Name, string Unit, double Min, double Max, MetricForm? Form = null);
