namespace SmartCity.Simulators;

/// <summary>What a site is built for, and with it the propagation model of 3GPP TR 38.901 that it follows.</summary>
public enum SiteType
{
    /// <summary>Above the roofs: UMa.</summary>
    Macro,

    /// <summary>At a lamp post in the dense centre: UMi, street canyon.</summary>
    Small,

    /// <summary>A mast in the outskirts: RMa.</summary>
    Rural,
}
