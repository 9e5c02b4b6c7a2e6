using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>One simulated device.</summary>
/// <param name="Device">Device id, the last level of its topic.</param>
public sealed record DeviceSpec(UnitInfo Unit, string Device, IDeviceModel Model);
