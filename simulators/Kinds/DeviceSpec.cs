using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>One simulated device.</summary>
/// <param name="Unit">Place whose centre it is at, one of <see cref="CityWorld.Places"/>.</param>
/// <param name="Device">Device id, the last level of its topic.</param>
/// <param name="Latitude">Where a fixed device stands, degrees; the centre for one that moves. Likewise <paramref name="Longitude"/>.</param>
public sealed record DeviceSpec(UnitInfo Unit, string Device, IDeviceModel Model, double Latitude, double Longitude)
{
    /// <summary>A device that moves.</summary>
    public DeviceSpec(UnitInfo unit, string device, IDeviceModel model)
        : this(unit, device, model, unit.Latitude, unit.Longitude)
    {
    }

    /// <summary>Seconds between two of its messages, like <see cref="IDeviceKind.IntervalSeconds"/>; null: those of its kind.</summary>
    public double? IntervalSeconds { get; init; }

    /// <summary>Seconds of a period of the wall clock at whose ends it reports, whatever the rate of the city; null: it reports at intervals of its own.</summary>
    public int? PeriodSeconds { get; init; }
}
