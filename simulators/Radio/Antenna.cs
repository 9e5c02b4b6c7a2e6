namespace SmartCity.Simulators;

/// <summary>The sector antenna of 3GPP TR 38.901 table 7.3-1: attenuation against its boresight, dB (0 or negative).</summary>
public static class Antenna
{
    private const double BeamWidth = 65;
    private const double MaximumAttenuation = 30;

    /// <param name="azimuthOff">Horizontal angle off boresight, degrees; any value.</param>
    /// <param name="zenith">Angle from straight up, degrees; 90 is the horizon.</param>
    public static double Attenuation(double azimuthOff, double zenith)
    {
        var phi = Wrap(azimuthOff);
        var horizontal = Math.Min(12 * Math.Pow(phi / BeamWidth, 2), MaximumAttenuation);
        var vertical = Math.Min(12 * Math.Pow((zenith - 90) / BeamWidth, 2), MaximumAttenuation);
        return -Math.Min(horizontal + vertical, MaximumAttenuation);
    }

    /// <summary>The same angle in [−180, 180).</summary>
    public static double Wrap(double degrees) => degrees - (360 * Math.Floor((degrees + 180) / 360));
}
