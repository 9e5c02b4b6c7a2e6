namespace SmartCity.Simulators;

/// <summary>NR-ARFCN of a carrier frequency, 3GPP TS 38.104 table 5.4.2.1-1.</summary>
public static class NrArfcn
{
    /// <param name="mhz">Carrier frequency, MHz; up to 100 GHz.</param>
    public static int FromMhz(double mhz) => (int)Math.Round(mhz switch
    {
        < 3000 => mhz / 0.005,
        < 24_250 => 600_000 + ((mhz - 3000) / 0.015),
        _ => 2_016_667 + ((mhz - 24_250.08) / 0.06),
    });
}
