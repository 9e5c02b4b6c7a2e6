namespace SmartCity.Simulators;

/// <summary>What a type of site has in common: heights, powers, antenna and propagation (TR 38.901 tables 7.4.1-1, 7.4.2-1 and 7.5-6).</summary>
/// <param name="Height">Height of the antenna, m.</param>
/// <param name="Elements">Elements of the antenna column; see <see cref="Antenna"/>.</param>
/// <param name="CorrelationSight">Correlation distance of shadowing with line of sight, m; <paramref name="CorrelationNoSight"/> without.</param>
/// <param name="SightTile">Line of sight is the same within a square of this many metres (correlation distances of table 7.6.3.1-2).</param>
/// <param name="Reach">
/// Beyond this many metres a cell adds nothing: where the formula ends (UMa 5 km, RMa with line of sight 10 km), or the signal of a lamp post. RMa without line of sight is given up to 5 km
/// (table 7.4.1-1); from there to 10 km it is extrapolated.
/// </param>
internal sealed record SiteModel(SiteType Type, double Height, int Elements, double CorrelationSight, double CorrelationNoSight, double SightTile, double Reach)
{
    private static readonly SiteModel s_macro = new(SiteType.Macro, 25, 8, 37, 50, 50, 5000);
    private static readonly SiteModel s_small = new(SiteType.Small, 10, 2, 10, 13, 50, 2000);
    private static readonly SiteModel s_rural = new(SiteType.Rural, 35, 8, 37, 120, 60, 10_000);

    public static SiteModel Of(SiteType type) => type switch { SiteType.Small => s_small, SiteType.Rural => s_rural, _ => s_macro };

    /// <summary>Transmit power on a carrier, dBm: 200 W of a macro, 80 W on 10 MHz of a mast, 6 W of a lamp post.</summary>
    public static double Power(SiteType type, Carrier carrier) => type == SiteType.Small ? 38 : carrier.WidthMhz < 50 ? 49 : 53;

    public double SightProbability(double d2) => Type switch
    {
        SiteType.Small => PathLoss.UmiLosProbability(d2),
        SiteType.Rural => PathLoss.RmaLosProbability(d2),
        _ => PathLoss.UmaLosProbability(d2),
    };

    /// <summary>Path loss, dB.</summary>
    public double Loss(double d2, double ghz, bool sight) => Type switch
    {
        SiteType.Small => sight ? PathLoss.UmiLos(d2, ghz) : PathLoss.UmiNlos(d2, ghz),
        SiteType.Rural => sight ? PathLoss.RmaLos(d2, ghz) : PathLoss.RmaNlos(d2, ghz),
        _ => sight ? PathLoss.UmaLos(d2, ghz) : PathLoss.UmaNlos(d2, ghz),
    };

    /// <summary>Standard deviation of shadowing, dB; with line of sight over the country it grows at the breakpoint.</summary>
    public double Sigma(double d2, double ghz, bool sight) => Type switch
    {
        SiteType.Small => sight ? 4 : 7.82,
        SiteType.Rural => !sight ? 8 : d2 <= PathLoss.RuralBreakpoint(Height, SitePlanner.PhoneHeight, ghz) ? 4 : 6,
        _ => sight ? 4 : 6,
    };
}
