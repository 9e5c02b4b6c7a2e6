namespace SmartCity.Simulators;

/// <summary>River gauges: the tide of their coast, slow floods after rain, and water quality.</summary>
internal sealed class WaterKind : IDeviceKind
{
    public string Code => "water";

    public double Share => 8;

    public double IntervalSeconds => 10;

    public IEnumerable<DeviceSpec> Create(int count, CityWorld world) =>
        Placement.Spread(count, world, "wl", site => new Model(site), PowerSupply.Solar, new(0, 0.05, "ph"), new(0.03, 0, "do"), new(0.03, 0.5, "turbidity"));

    private sealed class Model(Placement.Site site) : IDeviceModel
    {
        private readonly double _level = site.Random.Between(0.4, 1.6);
        private readonly double _lagHours = site.Place.TideLagHours + site.Random.Between(0, 0.4); // further up the river than the place's first gauge
        private readonly double _width = site.Random.Between(60, 400);
        private readonly Drift _season = new(site.Random, 0.12, 172_800);
        private readonly Drift _wave = new(site.Random, 0.015, 30);
        private readonly Drift _quality = new(site.Random, 1, 10_800);

        public void Measure(Measurement message)
        {
            var time = message.Time;
            var flood = site.Climate.Flood(time);
            var share = site.Place.TideShare;
            var (tide, rise) = site.Place.Coast is { } coast ? (share * coast.Height(time, _lagHours), share * coast.Rise(time, _lagHours)) : (0, 0);
            message.Value("level", _level + tide + _season.At(time.UnixMs) + flood + _wave.At(time.UnixMs), 3);

            // Towards the sea: the river with its flood, turned back while the tide rises fast.
            message.Value("flow", _width * (0.35 + (0.5 * flood) - (1.2 * rise)), 0);
            message.Value("ph", 7.2 + (0.15 * _quality.At(time.UnixMs)), 2);
            message.Value("do", Math.Max(0.5, 5.1 + (1.1 * time.Sun) + (0.5 * _quality.At(time.UnixMs))), 2);
            message.Value("turbidity", 28 * Math.Exp(0.4 * _quality.At(time.UnixMs)) + (90 * flood));
        }
    }
}
