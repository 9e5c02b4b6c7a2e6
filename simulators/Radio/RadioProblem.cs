namespace SmartCity.Simulators;

/// <summary>Something that is wrong with a network for a while, as a check of the network should find it.</summary>
/// <param name="Kind"><c>cell-outage</c>, <c>sleeping-cell</c>, <c>swapped-sectors</c>, <c>pci-confusion</c>, <c>pci-collision</c>, <c>overshoot</c> or <c>coverage-hole</c>.</param>
/// <param name="Cause">Name of the scenario.</param>
/// <param name="Unit">Code of the unit.</param>
/// <param name="Cells">NCGIs: of swapped sectors both, of a confusion the two with one PCI, and once more as a collision when they are neighbours; none for a hole.</param>
/// <param name="Latitude">Of the site or the centre of the hole, degrees. Likewise <paramref name="Longitude"/>.</param>
/// <param name="RadiusMetres">Of a hole; null for cells.</param>
/// <param name="FromMs">Unix milliseconds. Likewise <paramref name="ToMs"/>, which is not part of it.</param>
public sealed record RadioProblem(string Kind, string Cause, string Unit, IReadOnlyList<string> Cells, double Latitude, double Longitude, double? RadiusMetres, long FromMs, long ToMs);
