namespace SmartCity.Simulators;

/// <summary>A mobile operator with its 5G carriers.</summary>
/// <param name="Mcc">Three digits; a string because zeros lead.</param>
/// <param name="Mnc">Two digits, likewise.</param>
/// <param name="Main">The 100 MHz carrier of cities.</param>
/// <param name="Wide">The carrier below 1 GHz that reaches far; null for an operator that has none.</param>
public sealed record MobileOperator(string Name, string Mcc, string Mnc, Carrier Main, Carrier? Wide)
{
    /// <summary>The operators with a 5G licence (domain reference, part E). 3800–3900 MHz lies outside n78, so MobiFone's carrier is n77; it has no n28.</summary>
    public static IReadOnlyList<MobileOperator> All { get; } =
    [
        new("Viettel", "452", "04", Tdd("n41", 2550), Fdd(773)),
        new("VinaPhone", "452", "02", Tdd("n78", 3750), Fdd(763)),
        new("MobiFone", "452", "01", Tdd("n77", 3850), null),
    ];

    public string Band => Main.Band;

    public int Arfcn => Main.Arfcn;

    /// <summary>NR cell global identity: MCC-MNC-NCI, the NCI (36 bits) as nine hexadecimal digits.</summary>
    public string Ncgi(long nci) => $"{Mcc}-{Mnc}-{nci:X9}";

    private static Carrier Tdd(string band, double mhz) => new(band, mhz, 100, 273, 30, 0.75);

    private static Carrier Fdd(double mhz) => new("n28", mhz, 10, 52, 15, 1);
}
