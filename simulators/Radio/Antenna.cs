namespace SmartCity.Simulators;

/// <summary>
/// A sector antenna: a column of elements of 3GPP TR 38.901 table 7.3-1, fed with the phases of TR 36.897 §5.2.2 that tilt its beam electrically, and tilted
/// mechanically by the rotation of TR 38.901 §7.1.3.
/// </summary>
public static class Antenna
{
    /// <summary>Gain of one element, dBi.</summary>
    public const double ElementGain = 8;

    private const double BeamWidth = 65;
    private const double MaximumAttenuation = 30;

    /// <summary>Distance between elements in wavelengths, d_V of TR 36.897.</summary>
    private const double Spacing = 0.8;

    /// <summary>Nulls of the column are not deeper than this, dB: SLA_V of TR 36.814 table A.2.1.1-2. Walls and streets fill them.</summary>
    private const double SideLobeLimit = 20;

    /// <summary>Attenuation of one element against its boresight, dB (0 or negative).</summary>
    /// <param name="azimuthOff">Horizontal angle off boresight, degrees; any value.</param>
    /// <param name="zenith">Angle from straight up, degrees; 90 is the horizon.</param>
    public static double Attenuation(double azimuthOff, double zenith)
    {
        var phi = Wrap(azimuthOff);
        var horizontal = Math.Min(12 * (phi / BeamWidth) * (phi / BeamWidth), MaximumAttenuation);
        var vertical = Math.Min(12 * ((zenith - 90) / BeamWidth) * ((zenith - 90) / BeamWidth), MaximumAttenuation);
        return -Math.Min(horizontal + vertical, MaximumAttenuation);
    }

    /// <summary>Gain of a column, dBi.</summary>
    /// <param name="mechanicalTilt">How far the panel leans forward, degrees; likewise <paramref name="electricalTilt"/> of the beam against the panel. Negative: upwards.</param>
    /// <param name="elements">Elements of the column, 1 or more: 8 give 17 dBi and a beam of 8 degrees.</param>
    public static double Gain(double azimuthOff, double zenith, double mechanicalTilt, double electricalTilt, int elements)
    {
        double phi = Wrap(azimuthOff), theta = zenith;
        if (mechanicalTilt != 0)
        {
            // Equations 7.1-7 and 7.1-8 with bearing 0 and slant 0: the direction as the panel sees it.
            double beta = Radians(mechanicalTilt), t = Radians(zenith), p = Radians(phi);
            double x = (Math.Cos(beta) * Math.Sin(t) * Math.Cos(p)) - (Math.Sin(beta) * Math.Cos(t)), y = Math.Sin(t) * Math.Sin(p);
            theta = Degrees(Math.Acos(Math.Clamp((Math.Cos(beta) * Math.Cos(t)) + (Math.Sin(beta) * Math.Cos(p) * Math.Sin(t)), -1, 1)));
            phi = Degrees(Math.Atan2(y, x));
        }

        return ElementGain + Attenuation(phi, theta) + Column(theta, electricalTilt, elements);
    }

    /// <summary>The same angle in [−180, 180).</summary>
    public static double Wrap(double degrees) => degrees - (360 * Math.Floor((degrees + 180) / 360));

    /// <summary>
    /// |Σ w·e^{j2π(m−1)d·cosθ}|² with w = e^{−j2π(m−1)d·cosθ_tilt}/√M: 10·lg M in the direction of the tilt.
    /// </summary>
    private static double Column(double zenith, double tilt, int elements)
    {
        if (elements <= 1) return 0;
        var half = Math.PI * Spacing * (Math.Cos(Radians(zenith)) - Math.Cos(Radians(90 + tilt)));
        var below = Math.Sin(half);
        var relative = Math.Abs(below) < 1e-9 ? 1 : Math.Sin(elements * half) / (elements * below);
        return (10 * Math.Log10(elements)) + Math.Max(-SideLobeLimit, 20 * Math.Log10(Math.Max(1e-6, Math.Abs(relative))));
    }

    private static double Radians(double degrees) => degrees * (Math.PI / 180);

    private static double Degrees(double radians) => radians * (180 / Math.PI);
}
