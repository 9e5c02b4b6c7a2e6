namespace SmartCity.Simulators;

/// <summary>Noise meters: LAeq and LAmax of a busy street, a side street or a park.</summary>
internal sealed class NoiseKind : IDeviceKind
{
    public string Code => "noise";

    public double Share => 10;

    public double IntervalSeconds => 2;

    public IEnumerable<DeviceSpec> Create(int count, CityWorld world) =>
        Placement.Spread(count, world, "nz", site => new Model(site), PowerSupply.Battery, new SensorDrift(0, 0.25, "laeq", "lamax"));

    private sealed class Model(Placement.Site site) : IDeviceModel
    {
        private readonly double _quiet = site.Random.Between(42, 52);
        private readonly double _busy = site.Random.Between(14, 27);
        private readonly Drift _drift = new(site.Random, 1.8, 20);

        public void Measure(Measurement message)
        {
            var time = message.Time;

            // Sound powers add, so the street is loud long before the rush hour is full.
            var laeq = _quiet + (_busy * Math.Pow(site.Climate.Traffic(time), 0.45)) + Math.Min(6, site.Climate.Rain(time) / 3) + (12 * Math.Min(1, site.Climate.Crowd(time))) + _drift.At(time.UnixMs);
            message.Value("laeq", laeq);
            message.Value("lamax", laeq + 4 + (-6 * Math.Log(1 - (0.98 * site.Random.NextDouble()))));
        }
    }
}
