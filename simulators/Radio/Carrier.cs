namespace SmartCity.Simulators;

/// <summary>An NR carrier.</summary>
/// <param name="band">NR band.</param>
/// <param name="centreMhz">Centre of the downlink, MHz.</param>
/// <param name="widthMhz">Channel bandwidth, MHz.</param>
/// <param name="blocks">Resource blocks, 3GPP TS 38.101-1 table 5.3.2-1.</param>
/// <param name="spacingKhz">Subcarrier spacing, kHz.</param>
/// <param name="downShare">Share of the time that belongs to the downlink: 1 with frequency division.</param>
public sealed class Carrier(string band, double centreMhz, double widthMhz, int blocks, double spacingKhz, double downShare)
{
    private const double NoiseFigure = 9;

    public string Band { get; } = band;

    public double WidthMhz { get; } = widthMhz;

    public int Blocks { get; } = blocks;

    public double DownShare { get; } = downShare;

    public int Arfcn { get; } = NrArfcn.FromMhz(centreMhz);

    public double CentreGhz { get; } = centreMhz / 1000;

    /// <summary>Thermal noise in one resource element with a noise figure of 9 dB, dBm.</summary>
    public double Noise { get; } = -174 + (10 * Math.Log10(spacingKhz * 1000)) + NoiseFigure;

    /// <summary>Power of one resource element, dBm, when a power is spread over the whole carrier: 53 dBm over 273 blocks give 17.85 dBm.</summary>
    public double Epre(double powerDbm) => powerDbm - (10 * Math.Log10(12 * Blocks));
}
