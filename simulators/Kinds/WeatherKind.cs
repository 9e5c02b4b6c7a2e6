namespace SmartCity.Simulators;

/// <summary>Weather stations: the unit's climate as one instrument sees it. Rain is the intensity in mm per hour.</summary>
internal sealed class WeatherKind : IDeviceKind
{
    public string Code => "weather";

    public double Share => 6;

    public double IntervalSeconds => 10;

    public IEnumerable<DeviceSpec> Create(int count, CityWorld world) =>
        Placement.Spread(count, world, "ws", site => new Model(site), PowerSupply.Solar, new(0, 0.06, "temp"), new(0, 0.5, "rh"), new(0, 0.1, "pressure"));

    private sealed class Model(Placement.Site site) : IDeviceModel
    {
        private readonly Drift _air = new(site.Random, 0.5, 900);
        private readonly Drift _gust = new(site.Random, 0.25, 15);
        private readonly Drift _turn = new(site.Random, 14, 60);

        public void Measure(Measurement message)
        {
            var time = message.Time;
            message.Value("temp", site.Climate.Temperature(time) + _air.At(time.UnixMs));
            message.Value("rh", site.Climate.Humidity(time) - (3 * _air.At(time.UnixMs)));
            message.Value("pressure", site.Climate.Pressure(time) + (0.2 * _air.At(time.UnixMs)));
            message.Value("wind", site.Climate.Wind(time) * Math.Exp(_gust.At(time.UnixMs)));
            message.Value("winddir", (site.Climate.WindDirection(time) + _turn.At(time.UnixMs) + 720) % 360, 0);
            message.Value("rain", site.Climate.Rain(time) * Math.Exp(_gust.At(time.UnixMs)));
            message.Value("uv", 11.5 * Math.Pow(time.Sun, 1.3) * (site.Climate.Rain(time) > 0 ? 0.3 : 1));
        }
    }
}
