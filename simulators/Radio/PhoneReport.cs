namespace SmartCity.Simulators;

/// <summary>What a phone reports.</summary>
/// <param name="Sample">Of the cell that serves it, which need not be the strongest.</param>
/// <param name="Neighbours">The strongest other cells, strongest first; valid until the next report.</param>
/// <param name="HandedOver">True when another cell took it over since the last report.</param>
/// <param name="Failed">True when it lost its radio link since the last report.</param>
public readonly record struct PhoneReport(RadioSample Sample, IReadOnlyList<CellPower> Neighbours, bool HandedOver, bool Failed);
