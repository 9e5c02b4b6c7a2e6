namespace SmartCity.Simulators;

/// <summary>Car parks with a counter of free places: offices fill in the morning, leisure in the evening.</summary>
internal sealed class ParkingKind : IDeviceKind
{
    public string Code => "parking";

    public double Share => 2;

    public double IntervalSeconds => 30;

    public IEnumerable<DeviceSpec> Create(int count, CityWorld world) => Placement.Spread(count, world, "pk", site => new Model(site));

    private sealed class Model(Placement.Site site) : IDeviceModel
    {
        private readonly int _capacity = 20 * (int)site.Random.Between(2, 40);
        private readonly double _leisure = site.Random.NextDouble(); // 0: offices only, 1: leisure only
        private readonly Drift _habit = new(site.Random, 0.06, 1800);

        public void Measure(Measurement message)
        {
            var time = message.Time;
            var offices = time.IsWeekend ? 0.08 : 0.8 * Math.Min(1, time.Bell(9.5, 1.8) + time.Bell(14.5, 2));
            var leisure = (time.IsWeekend ? 0.85 : 0.6) * time.Bell(19.5, 2.2);
            var full = 0.05 + ((1 - _leisure) * offices) + (_leisure * leisure) + (0.2 * site.Climate.Crowd(time)) + _habit.At(time.UnixMs);
            message.Value("occupied", _capacity * Math.Clamp(full, 0.01, 0.99), 0);
            message.Value("capacity", _capacity, 0);
        }
    }
}
