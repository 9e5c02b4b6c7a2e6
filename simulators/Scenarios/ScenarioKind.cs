namespace SmartCity.Simulators;

/// <summary>What happens to a city for a while.</summary>
public enum ScenarioKind
{
    /// <summary>More traffic; noise and exhaust follow.</summary>
    RushHour,

    /// <summary>Rain, wind and low pressure; the water rises and falls slowly, roads empty, radio signals weaken.</summary>
    Typhoon,

    /// <summary>Particles gather.</summary>
    AirPollution,

    /// <summary>A crowd: noise, traffic and busy cells.</summary>
    Festival,

    /// <summary>A ward without electricity: its fixed devices and cells are silent.</summary>
    PowerCut,

    /// <summary>Cells that neither radiate nor report.</summary>
    CellOutage,

    /// <summary>Cells that radiate and report, but carry nobody.</summary>
    SleepingCell,

    /// <summary>The feeders of two sectors of a site are exchanged.</summary>
    SwappedSectors,

    /// <summary>A cell has the PCI of a neighbour.</summary>
    PciConfusion,

    /// <summary>A cell whose tilt is too small: strong far away, weak at its foot.</summary>
    OvershootingTilt,

    /// <summary>A place where no operator has much signal.</summary>
    CoverageHole,

    /// <summary>Devices that send many times as often.</summary>
    PublishStorm,

    /// <summary>Firmware that repeats the values of its first message.</summary>
    FirmwareFreeze,
}
