namespace SmartCity.Simulators;

/// <summary>
/// Path loss of 3GPP TR 38.901 table 7.4.1-1, dB, and the probability of line of sight of table 7.4.2-1.
/// Distances and heights in m, frequency in GHz. The breakpoint uses an effective environment height of 1 m.
/// </summary>
public static class PathLoss
{
    private const double SpeedOfLight = 3e8;

    /// <summary>Breakpoint distance d'BP = 4(hBS−1)(hUT−1)f/c, m.</summary>
    public static double Breakpoint(double hBs, double hUt, double ghz) => 4 * (hBs - 1) * (hUt - 1) * ghz * 1e9 / SpeedOfLight;

    /// <summary>Urban macro, line of sight; 10 m to 5 km.</summary>
    public static double UmaLos(double d2, double ghz, double hBs = 25, double hUt = 1.5) =>
        UrbanLos(d2, ghz, hBs, hUt, 28, 22, 9);

    /// <summary>Urban macro without line of sight.</summary>
    public static double UmaNlos(double d2, double ghz, double hBs = 25, double hUt = 1.5) =>
        Math.Max(UmaLos(d2, ghz, hBs, hUt), 13.54 + (39.08 * Math.Log10(Distance(d2, hBs, hUt))) + (20 * Math.Log10(ghz)) - (0.6 * (hUt - 1.5)));

    /// <summary>Urban micro (street canyon), line of sight.</summary>
    public static double UmiLos(double d2, double ghz, double hBs = 10, double hUt = 1.5) =>
        UrbanLos(d2, ghz, hBs, hUt, 32.4, 21, 9.5);

    /// <summary>Urban micro without line of sight.</summary>
    public static double UmiNlos(double d2, double ghz, double hBs = 10, double hUt = 1.5) =>
        Math.Max(UmiLos(d2, ghz, hBs, hUt), 22.4 + (35.3 * Math.Log10(Distance(d2, hBs, hUt))) + (21.3 * Math.Log10(ghz)) - (0.3 * (hUt - 1.5)));

    /// <summary>Rural macro breakpoint dBP = 2π hBS hUT f/c, m.</summary>
    public static double RuralBreakpoint(double hBs, double hUt, double ghz) => 2 * Math.PI * hBs * hUt * ghz * 1e9 / SpeedOfLight;

    /// <summary>Rural macro, line of sight; building height h.</summary>
    public static double RmaLos(double d2, double ghz, double hBs = 35, double hUt = 1.5, double h = 5)
    {
        var breakpoint = RuralBreakpoint(hBs, hUt, ghz);
        return d2 <= breakpoint
            ? Near(Distance(d2, hBs, hUt))
            : Near(breakpoint) + (40 * Math.Log10(Distance(d2, hBs, hUt) / breakpoint));

        double Near(double d3) =>
            (20 * Math.Log10(40 * Math.PI * d3 * ghz / 3)) + (Math.Min(0.03 * Math.Pow(h, 1.72), 10) * Math.Log10(d3))
            - Math.Min(0.044 * Math.Pow(h, 1.72), 14.77) + (0.002 * Math.Log10(h) * d3);
    }

    /// <summary>Rural macro without line of sight; street width W.</summary>
    public static double RmaNlos(double d2, double ghz, double hBs = 35, double hUt = 1.5, double h = 5, double w = 20) =>
        Math.Max(
            RmaLos(d2, ghz, hBs, hUt, h),
            161.04 - (7.1 * Math.Log10(w)) + (7.5 * Math.Log10(h)) - ((24.37 - (3.7 * (h / hBs) * (h / hBs))) * Math.Log10(hBs))
            + ((43.42 - (3.1 * Math.Log10(hBs))) * (Math.Log10(Distance(d2, hBs, hUt)) - 3)) + (20 * Math.Log10(ghz))
            - ((3.2 * Math.Pow(Math.Log10(11.75 * hUt), 2)) - 4.97));

    /// <summary>Probability of line of sight, urban macro, for phones up to 13 m high.</summary>
    public static double UmaLosProbability(double d2) => d2 <= 18 ? 1 : (18 / d2) + (Math.Exp(-d2 / 63) * (1 - (18 / d2)));

    /// <summary>Probability of line of sight, urban micro.</summary>
    public static double UmiLosProbability(double d2) => d2 <= 18 ? 1 : (18 / d2) + (Math.Exp(-d2 / 36) * (1 - (18 / d2)));

    /// <summary>Probability of line of sight, rural macro.</summary>
    public static double RmaLosProbability(double d2) => d2 <= 10 ? 1 : Math.Exp(-(d2 - 10) / 1000);

    private static double Distance(double d2, double hBs, double hUt) => Math.Sqrt((d2 * d2) + ((hBs - hUt) * (hBs - hUt)));

    private static double UrbanLos(double d2, double ghz, double hBs, double hUt, double constant, double slope, double beyond)
    {
        var breakpoint = Breakpoint(hBs, hUt, ghz);
        var lg3 = Math.Log10(Distance(d2, hBs, hUt));
        var f = 20 * Math.Log10(ghz);
        return d2 <= breakpoint
            ? constant + (slope * lg3) + f
            : constant + (40 * lg3) + f - (beyond * Math.Log10((breakpoint * breakpoint) + ((hBs - hUt) * (hBs - hUt))));
    }
}
