namespace SmartCity.Simulators;

/// <summary>Where a drive-test message was measured, and in whose network: what its coverage square follows from.</summary>
/// <param name="Latitude">Degrees, as the payload has it; likewise <paramref name="Longitude"/>.</param>
/// <param name="Plmn">MCC-MNC of its cell, such as <c>452-04</c>.</param>
public sealed record TruthPlace(double Latitude, double Longitude, string Plmn);
