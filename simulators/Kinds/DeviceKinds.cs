namespace SmartCity.Simulators;

/// <summary>The kinds that a city has.</summary>
public static class DeviceKinds
{
    public static IReadOnlyList<IDeviceKind> All { get; } =
    [
        new AirKind(), new NoiseKind(), new TrafficKind(), new WaterKind(), new WeatherKind(), new LightKind(), new EnergyKind(), new CellKind(), new MdtKind(),
    ];
}
