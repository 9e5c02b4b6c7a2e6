namespace SmartCity.Contracts;

/// <summary>The radio quantities of one <c>mdt</c> message; NaN where the message had none.</summary>
/// <param name="Position">Intake log position of its record.</param>
/// <param name="Ordinal">Place of the object in its record's array, from 0.</param>
/// <param name="EventMs">When it was measured; Unix milliseconds.</param>
/// <param name="Rsrp">SS-RSRP, dBm.</param>
/// <param name="Rsrq">SS-RSRQ, dB.</param>
/// <param name="Sinr">SS-SINR, dB.</param>
[GenerateSerializer, Immutable]
public sealed record CoverageSample(
    [property: Id(0)] long Position, [property: Id(1)] int Ordinal, [property: Id(2)] long EventMs,
    [property: Id(3)] double Rsrp, [property: Id(4)] double Rsrq, [property: Id(5)] double Sinr);
