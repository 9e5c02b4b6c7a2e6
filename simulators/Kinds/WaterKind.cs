namespace SmartCity.Simulators;

/// <summary>River gauges: tide, slow floods after rain, and water quality.</summary>
internal sealed class WaterKind : IDeviceKind
{
    private const double TideHours = 12.42;

    public string Code => "water";

    public double Share => 8;

    public double IntervalSeconds => 10;

    public IEnumerable<DeviceSpec> Create(int count, CityWorld world) => Placement.Spread(count, world, "wl", site => new Model(site));

    private sealed class Model(Placement.Site site) : IDeviceModel
    {
        private readonly double _level = site.Random.Between(0.4, 1.6);
        private readonly double _tide = site.Random.Between(0.1, 0.6);
        private readonly double _phase = site.Random.Between(0, 2 * Math.PI);
        private readonly double _width = site.Random.Between(60, 400);
        private readonly Drift _flood = new(site.Random, 0.25, 43_200);
        private readonly Drift _wave = new(site.Random, 0.015, 30);
        private readonly Drift _quality = new(site.Random, 1, 10_800);

        public void Measure(Measurement message)
        {
            var time = message.Time;
            var angle = (2 * Math.PI * time.Day * 24 / TideHours) + _phase;
            var level = _level + (_tide * Math.Sin(angle)) + _flood.At(time.UnixMs) + (0.03 * site.Climate.Rain(time)) + site.Climate.Flood(time) + _wave.At(time.UnixMs);
            message.Value("level", level, 3);

            // The flow turns with the tide, a quarter period before the level.
            message.Value("flow", _width * (0.35 + (_tide * Math.Cos(angle))), 0);
            message.Value("ph", 7.2 + (0.15 * _quality.At(time.UnixMs)), 2);
            message.Value("do", Math.Max(0.5, 5.1 + (1.1 * time.Sun) + (0.5 * _quality.At(time.UnixMs))), 2);
            message.Value("turbidity", 28 * Math.Exp(0.4 * _quality.At(time.UnixMs)) + (6 * site.Climate.Rain(time)));
        }
    }
}
