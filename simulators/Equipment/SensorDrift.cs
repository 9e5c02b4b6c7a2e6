namespace SmartCity.Simulators;

/// <summary>How a sensing element strays from the truth until it is calibrated again. Devices differ: each draws rates of either sign around these.</summary>
/// <param name="GainPerMonth">Typical change of the gain, share of the value a month (30 days).</param>
/// <param name="OffsetPerMonth">Typical change of the offset, in the unit of the metric a month.</param>
/// <param name="Metrics">Metrics that come from this element and stray together.</param>
public sealed record SensorDrift(double GainPerMonth, double OffsetPerMonth, params string[] Metrics);
