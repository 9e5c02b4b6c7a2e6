namespace SmartCity.Simulators;

/// <summary>A mobile operator with its 100 MHz 5G carrier.</summary>
/// <param name="Mcc">Three digits; a string because zeros lead.</param>
/// <param name="Mnc">Two digits, likewise.</param>
/// <param name="Band">NR band of the carrier.</param>
/// <param name="CentreMhz">Carrier centre.</param>
public sealed record MobileOperator(string Name, string Mcc, string Mnc, string Band, double CentreMhz)
{
    /// <summary>The operators with a 5G licence (domain reference, part E). 3800–3900 MHz lies outside n78, so MobiFone's carrier is n77.</summary>
    public static IReadOnlyList<MobileOperator> All { get; } =
    [
        new("Viettel", "452", "04", "n41", 2550),
        new("VinaPhone", "452", "02", "n78", 3750),
        new("MobiFone", "452", "01", "n77", 3850),
    ];

    public int Arfcn => NrArfcn.FromMhz(CentreMhz);

    public double CentreGhz => CentreMhz / 1000;

    /// <summary>NR cell global identity: MCC-MNC-NCI, the NCI (36 bits) as nine hexadecimal digits.</summary>
    public string Ncgi(long nci) => $"{Mcc}-{Mnc}-{nci:X9}";
}
