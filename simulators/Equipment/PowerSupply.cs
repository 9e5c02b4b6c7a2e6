namespace SmartCity.Simulators;

/// <summary>Where a fixed device has its electricity from.</summary>
public enum PowerSupply
{
    /// <summary>The grid: no battery to report.</summary>
    Mains,

    /// <summary>A battery that somebody changes.</summary>
    Battery,

    /// <summary>A battery that a panel charges by day.</summary>
    Solar,
}
