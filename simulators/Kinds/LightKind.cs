namespace SmartCity.Simulators;

/// <summary>Street light controllers: on at dusk, dimmed in the small hours, and a light sensor.</summary>
internal sealed class LightKind : IDeviceKind
{
    public string Code => "light";

    public double Share => 9;

    public double IntervalSeconds => 10;

    public IEnumerable<DeviceSpec> Create(int count, CityWorld world) => Placement.Spread(count, world, "sl", site => new Model(site));

    private sealed class Model(Placement.Site site) : IDeviceModel
    {
        private readonly double _lamp = site.Random.Between(90, 180);
        private readonly Drift _cloud = new(site.Random, 0.25, 300);

        public void Measure(Measurement message)
        {
            var time = message.Time;
            var daylight = 85_000 * Math.Pow(time.Sun, 1.2) * Math.Min(1.4, Math.Exp(_cloud.At(time.UnixMs))) * (site.Climate.Rain(time) > 0 ? 0.25 : 1);
            var dim = daylight > 60 ? 0 : time.Hour is > 0.5 and < 4.5 ? 50 : 100;
            message.Value("power", dim == 0 ? 0.8 : 6 + (_lamp * dim / 100) + (2 * _cloud.At(time.UnixMs)));
            message.Value("dim", dim, 0);
            message.Value("lux", daylight + (0.28 * dim), 0);
        }
    }
}
