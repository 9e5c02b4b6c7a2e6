namespace SmartCity.Contracts;

/// <summary>Which mean of a metric's values says something.</summary>
public enum MeanKind : byte
{
    /// <summary>Σx/n.</summary>
    Arithmetic,

    /// <summary>Levels (dB, dBm): 10·log₁₀(Σ10^(x/10)/n), the level of the mean power; of sound the equivalent level (ISO 1996-1).</summary>
    Power,

    /// <summary>Directions in degrees: atan2(Σsin x, Σcos x); 350° and 10° have the mean 0°.</summary>
    Vector,
}
