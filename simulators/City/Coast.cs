namespace SmartCity.Simulators;

/// <summary>
/// The tide of a stretch of coast: four constituents, whose sums make springs and neaps. Amplitudes are rounded from what tide tables give for the gauges named; phases
/// are such that all four have their top at one new moon near the solstice. Semi-diurnal springs (M2 and S2) then fall on new and full moon, every 14.77 days; diurnal ones (K1 and O1) come
/// with the moon's declination, every 13.66 days, and so drift against its phases. Good for a simulation, not for a ship.
/// </summary>
/// <param name="M2">Amplitude of the principal lunar semi-diurnal constituent, m. Likewise <paramref name="S2"/> (solar), <paramref name="K1"/> and <paramref name="O1"/> (diurnal).</param>
/// <param name="Phase">How much later than in the south high water comes, hours.</param>
public sealed record Coast(double M2, double S2, double K1, double O1, double Phase)
{
    /// <summary>Periods in hours [NOAA, tidal constituents]. K1 and O1 together have a mean period of 24.84 h, a lunar day.</summary>
    private static readonly double[] s_periods = [12.4206012, 12.0, 23.93447213, 25.81933871];

    /// <summary>New moon of 2000-01-06, 18:14 UTC: where all constituents are at their top.</summary>
    private const long NewMoonMs = 947_182_440_000;

    /// <summary>Gulf of Tonkin (Hòn Dấu): one high water a day, up to 3 m between high and low.</summary>
    public static Coast Tonkin { get; } = new(0.04, 0.03, 0.72, 0.70, 5);

    /// <summary>Huế (Thuận An): two small high waters a day, half a metre.</summary>
    public static Coast Hue { get; } = new(0.17, 0.05, 0.04, 0.03, 3);

    /// <summary>Đà Nẵng: mixed, about a metre.</summary>
    public static Coast DaNang { get; } = new(0.17, 0.06, 0.18, 0.13, 2);

    /// <summary>Quy Nhơn: mixed, mostly diurnal, a metre and a half.</summary>
    public static Coast QuyNhon { get; } = new(0.18, 0.06, 0.34, 0.29, 1);

    /// <summary>Vũng Tàu: two unequal high waters a day, up to 4 m between high and low.</summary>
    public static Coast South { get; } = new(0.79, 0.31, 0.60, 0.45, 0);

    /// <summary>Height above mean water, metres.</summary>
    /// <param name="lagHours">How much later the tide comes than at the mouth.</param>
    public double Height(DayTime time, double lagHours)
    {
        var hours = Hours(time, lagHours);
        return (M2 * Math.Cos(Angle(hours, 0))) + (S2 * Math.Cos(Angle(hours, 1))) + (K1 * Math.Cos(Angle(hours, 2))) + (O1 * Math.Cos(Angle(hours, 3)));
    }

    /// <summary>How fast the water rises, metres an hour.</summary>
    public double Rise(DayTime time, double lagHours)
    {
        var hours = Hours(time, lagHours);
        return -((M2 * Speed(0) * Math.Sin(Angle(hours, 0))) + (S2 * Speed(1) * Math.Sin(Angle(hours, 1))) + (K1 * Speed(2) * Math.Sin(Angle(hours, 2))) + (O1 * Speed(3) * Math.Sin(Angle(hours, 3))));
    }

    private static double Speed(int constituent) => 2 * Math.PI / s_periods[constituent];

    private static double Angle(double hours, int constituent) => hours * Speed(constituent);

    private double Hours(DayTime time, double lagHours) => ((time.UnixMs - NewMoonMs) / 3_600_000.0) - Phase - lagHours;
}
