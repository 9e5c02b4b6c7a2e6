namespace SmartCity.Simulators;

/// <summary>What is wrong with the physical cell identities of a network.</summary>
/// <param name="Cells">Cells checked.</param>
/// <param name="Collisions">Neighbours that send the same PCI.</param>
/// <param name="Confusions">Cells with two neighbours that send the same PCI; one entry for each pair.</param>
/// <param name="Mod3">Sectors of neighbouring sites that look at each other with the same PCI modulo 3: the same primary synchronisation signal.</param>
public sealed record PciReport(int Cells, IReadOnlyList<PciClash> Collisions, IReadOnlyList<PciClash> Confusions, IReadOnlyList<PciClash> Mod3);
