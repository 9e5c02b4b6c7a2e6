namespace SmartCity.Simulators;

/// <summary>Traffic counters of a street: flow and occupancy by the fundamental diagram, so that a jam has less flow and less speed.</summary>
internal sealed class TrafficKind : IDeviceKind
{
    public string Code => "traffic";

    public double Share => 14;

    public double IntervalSeconds => 3;

    public IEnumerable<DeviceSpec> Create(int count, CityWorld world) => Placement.Spread(count, world, "tr", site => new Model(site));

    private sealed class Model(Placement.Site site) : IDeviceModel
    {
        private readonly double _lanes = 2 + site.Random.Below(3);
        private readonly double _freeSpeed = site.Random.Between(38, 62);
        private readonly double _demand = site.Random.Between(0.5, 1.15);
        private readonly double _motorcycles = site.Random.Between(0.68, 0.85);
        private readonly Drift _drift = new(site.Random, 0.12, 240);
        private readonly Drift _speed = new(site.Random, 2.5, 30);

        public void Measure(Measurement message)
        {
            var time = message.Time;
            var rain = site.Climate.Rain(time);
            var load = Math.Clamp(_demand * site.Climate.Traffic(time) * Math.Exp(_drift.At(time.UnixMs)) * (1 + (0.15 * Math.Min(1, rain / 5))), 0.005, 1.4);

            // Greenshields: speed falls with density, flow is their product and has its top at half the jam density.
            var density = Math.Min(0.93, 0.5 * load * load + (0.2 * load));
            var speed = _freeSpeed * (1 - density) * (1 - (0.16 * Math.Min(1, rain / 15))); // heavy rain takes up to 16 % [FHWA, road weather]
            var flow = _lanes * 2400 * 4 * density * (1 - density) * 0.85;
            var counted = site.Random.Poisson(flow / 12) * 12.0;
            message.Value("flow", counted, 0);
            message.Value("motorcycles", Math.Round(counted * _motorcycles), 0);
            message.Value("cars", counted - Math.Round(counted * _motorcycles), 0);
            message.Value("occupancy", density * 0.8, 3);
            message.Value("speed", Math.Max(2, speed + _speed.At(time.UnixMs)));
        }
    }
}
