namespace SmartCity.Simulators;

/// <summary>Two cells of one ARFCN whose identities clash.</summary>
/// <param name="Between">The cell that has both as neighbours and cannot tell them apart (confusion); null when the two are neighbours themselves.</param>
public sealed record PciClash(RadioCell First, RadioCell Second, RadioCell? Between);
