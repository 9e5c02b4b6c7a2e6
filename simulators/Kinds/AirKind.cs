namespace SmartCity.Simulators;

/// <summary>Air quality stations: particles follow traffic and still air, ozone follows the sun.</summary>
internal sealed class AirKind : IDeviceKind
{
    public string Code => "air";

    public double Share => 18;

    public double IntervalSeconds => 5;

    public IEnumerable<DeviceSpec> Create(int count, CityWorld world) =>
        Placement.Spread(count, world, "aq", site => new Model(site), PowerSupply.Mains,
            new(0.03, 0, "pm1", "pm25", "pm10"), new(0.03, 0.8, "no2"), new(0.02, 0.3, "so2"), new(0.03, 1, "o3"), new(0.02, 15, "co"));

    private sealed class Model(Placement.Site site) : IDeviceModel
    {
        // The north is the most polluted of the three regions.
        private readonly double _level = (site.Unit.Region == "bac" ? 38 : site.Unit.Region == "trung" ? 18 : 25) * site.Random.Between(0.7, 1.4);
        private readonly double _roadside = site.Random.NextDouble();
        private readonly Drift _slow = new(site.Random, 0.18, 7200);
        private readonly Drift _fast = new(site.Random, 0.05, 60);
        private readonly Drift _gas = new(site.Random, 0.15, 1800);

        public void Measure(Measurement message)
        {
            var time = message.Time;
            var traffic = site.Climate.Traffic(time);
            var pm25 = Math.Max(1, _level * site.Climate.Pollution(time) * site.Climate.Stagnation(time) * (0.65 + (0.55 * _roadside * traffic)) * Math.Exp(_slow.At(time.UnixMs) + _fast.At(time.UnixMs)));
            var gas = Math.Exp(_gas.At(time.UnixMs));
            message.Value("pm1", 0.62 * pm25);
            message.Value("pm25", pm25);
            message.Value("pm10", pm25 * (1.45 + (0.4 * _roadside)));
            message.Value("no2", (12 + (55 * _roadside * traffic)) * gas);
            message.Value("so2", (5 + (8 * traffic)) * gas);
            message.Value("o3", (18 + (95 * time.Sun)) * Math.Exp(0.5 * _slow.At(time.UnixMs)) * (1 - (0.35 * _roadside * traffic)));
            message.Value("co", (350 + (1400 * _roadside * traffic)) * gas, 0);
            message.Value("temp", site.Climate.Temperature(time) + (4 * _fast.At(time.UnixMs)));
            message.Value("rh", site.Climate.Humidity(time) + (12 * _fast.At(time.UnixMs)));
        }
    }
}
