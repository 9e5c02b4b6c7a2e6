namespace SmartCity.Contracts;

/// <summary>The radio quantities of one <c>mdt</c> message; NaN where the message had none.</summary>
/// <param name="Position"><see cref="DeviceMessage.Position"/> of the message.</param>
/// <param name="EventMs">When it was measured; Unix milliseconds.</param>
/// <param name="Rsrp">SS-RSRP, dBm.</param>
/// <param name="Rsrq">SS-RSRQ, dB.</param>
/// <param name="Sinr">SS-SINR, dB.</param>
[GenerateSerializer, Immutable]
public sealed record CoverageSample(
    [property: Id(0)] long Position, [property: Id(1)] long EventMs, [property: Id(2)] double Rsrp, [property: Id(3)] double Rsrq, [property: Id(4)] double Sinr);
