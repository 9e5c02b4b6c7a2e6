namespace SmartCity.Simulators;

/// <summary>Waste bins: they fill with the day's activity and the crowd, are emptied in the night when they are full enough, and run on a battery.</summary>
internal sealed class WasteKind : IDeviceKind
{
    public string Code => "waste";

    public double Share => 2;

    public double IntervalSeconds => 60;

    public IEnumerable<DeviceSpec> Create(int count, CityWorld world) =>
        Placement.Spread(count, world, "wb", site => new Model(site), PowerSupply.Battery);

    private sealed class Model(Placement.Site site) : IDeviceModel
    {
        private const double Full = 96;
        private readonly double _perDay = site.Random.Between(25, 85); // % on an ordinary day
        private readonly double _roundHour = site.Random.Between(1, 5);
        private readonly Drift _echo = new(site.Random, 0.7, 20); // the ultrasonic sensor
        private double _fill = site.Random.Between(5, 60);
        private DayTime? _last;

        public void Measure(Measurement message)
        {
            var time = message.Time;
            if (_last is { } last)
            {
                var days = (time.UnixMs - last.UnixMs) / 86_400_000.0;
                _fill = Math.Min(Full, _fill + (days * _perDay * 2.2 * time.Activity * (1 + site.Climate.Crowd(time))));
                if (Rounds(time) > Rounds(last) && _fill > 35) _fill = 4;
            }

            _last = time;
            message.Value("fill", Math.Clamp(_fill + _echo.At(time.UnixMs), 1, 99));
            message.Value("temp", site.Climate.Temperature(time) + (6 * time.Sun) + (0.03 * _fill));
        }

        /// <summary>Rounds of the lorry so far.</summary>
        private double Rounds(DayTime time) => Math.Floor(time.Day - (_roundHour / 24));
    }
}
