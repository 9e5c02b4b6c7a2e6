namespace SmartCity.Simulators;

/// <summary>A city around whose centre devices stand. Cities stay where they are while units change.</summary>
/// <param name="Code">Part of the names of its devices: that of its unit, or one of its own where a unit has several.</param>
/// <param name="Unit">Code of the unit of 2021 that it lies in.</param>
/// <param name="Latitude">Centre, degrees. Likewise <paramref name="Longitude"/>.</param>
/// <param name="Coast">The tide at the mouth of its river; null where no tide comes.</param>
/// <param name="TideShare">How much of that tide arrives, 0 to 1.</param>
/// <param name="TideLagHours">How much later it arrives.</param>
public sealed record Place(string Code, string Name, string Unit, double Latitude, double Longitude, Coast? Coast = null, double TideShare = 0, double TideLagHours = 0);
