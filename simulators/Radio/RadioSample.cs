namespace SmartCity.Simulators;

/// <summary>What a phone measures at a place.</summary>
/// <param name="Rsrp">SS-RSRP of the serving cell, dBm.</param>
/// <param name="Rsrq">SS-RSRQ, dB.</param>
/// <param name="Sinr">SS-SINR, dB.</param>
/// <param name="Cqi">CQI, 0 (out of range) to 15.</param>
/// <param name="Rank">Rank indicator: layers, 1 to 4.</param>
/// <param name="DownKbps">Throughput, kbit/s.</param>
public readonly record struct RadioSample(RadioCell Cell, double Rsrp, double Rsrq, double Sinr, int Cqi, int Rank, double DownKbps, double UpKbps);
