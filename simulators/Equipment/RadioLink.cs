namespace SmartCity.Simulators;

/// <summary>The radio link of one fixed device to its gateway: distance and obstacles, slow fading, and what rain takes.</summary>
internal sealed class RadioLink
{
    /// <summary>Below this the gateway hears nothing, dBm.</summary>
    public const double Sensitivity = -118;

    /// <summary>Who installs a device checks that this much is left on a dry day, dB; five times the fading.</summary>
    private const double LeastMargin = 8;

    private const double FurthestMetres = 1400;
    private readonly double _dry;
    private readonly Drift _fading;

    public RadioLink(SeededRandom random)
    {
        // Evenly over the area around the gateway; −62 dBm at 100 m, falling with the 3.5th power of distance as between houses.
        var metres = Math.Max(30, FurthestMetres * Math.Sqrt(random.NextDouble()));
        _dry = Math.Max(Sensitivity + LeastMargin, -62 - (35 * Math.Log10(metres / 100)) + (6 * random.Gaussian()));
        _fading = new(random, 1.5, 600);
    }

    /// <summary>Received power, dBm.</summary>
    /// <param name="rain">Rain, mm/h.</param>
    public double Rssi(DayTime time, double rain) => Math.Min(-30, _dry + _fading.At(time.UnixMs) - Loss(rain));

    /// <summary>True when rain may be what makes the gateway deaf for it.</summary>
    public bool IsAtRisk(double rain) => _dry - Loss(rain) < Sensitivity + LeastMargin - 2;

    /// <summary>What rain takes, dB: wet leaves, walls and antennas rather than the drops, so more than the specific attenuation of ITU-R P.838; 3 dB at 9 mm/h, 8 at 30, 19 at 100.</summary>
    private static double Loss(double rain) => rain <= 0 ? 0 : 0.6 * Math.Pow(rain, 0.75);
}
