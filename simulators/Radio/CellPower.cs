namespace SmartCity.Simulators;

/// <summary>A cell as a phone receives it.</summary>
/// <param name="Rsrp">SS-RSRP, dBm.</param>
public readonly record struct CellPower(RadioCell Cell, double Rsrp);
