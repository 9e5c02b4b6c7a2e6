namespace SmartCity.Simulators;

/// <summary>Electricity meters of blocks and buildings: three-phase power by the day's activity and the heat, and a counter that only grows.</summary>
internal sealed class EnergyKind : IDeviceKind
{
    public string Code => "energy";

    public double Share => 6;

    public double IntervalSeconds => 5;

    public IEnumerable<DeviceSpec> Create(int count, CityWorld world) => Placement.Spread(count, world, "em", site => new Model(site));

    private sealed class Model(Placement.Site site) : IDeviceModel
    {
        private readonly double _peak = site.Random.Between(30, 400);
        private readonly Drift _load = new(site.Random, 0.12, 600);
        private readonly Drift _volt = new(site.Random, 1.6, 120);
        private readonly Drift _frequency = new(site.Random, 0.018, 45);
        private double _kilowattHours = site.Random.Between(10_000, 500_000);
        private long _lastMs = long.MinValue;

        public void Measure(Measurement message)
        {
            var time = message.Time;
            var cooling = Math.Clamp((site.Climate.Temperature(time) - 25) / 12, 0, 1);
            var power = _peak * (0.12 + (0.55 * time.Activity) + (0.33 * cooling * time.Activity)) * Math.Exp(_load.At(time.UnixMs));
            var voltage = 230 + _volt.At(time.UnixMs) - (4 * time.Activity);
            if (_lastMs != long.MinValue) _kilowattHours += power * (time.UnixMs - _lastMs) / 3_600_000;
            _lastMs = time.UnixMs;
            message.Value("voltage", voltage);
            message.Value("current", power * 1000 / (3 * voltage * 0.95));
            message.Value("power", power, 2);
            message.Value("frequency", 50 + _frequency.At(time.UnixMs), 3);
            message.Value("energy", _kilowattHours, 3);
        }
    }
}
