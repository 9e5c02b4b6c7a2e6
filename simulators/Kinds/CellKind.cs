using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>5G cells: the counters of TS 28.552, each for the time since the cell's last message.</summary>
internal sealed class CellKind : IDeviceKind
{
    public string Code => "cell";

    public double Share => 27;

    public double IntervalSeconds => 15;

    // The network decides which cells exist.
    public IEnumerable<DeviceSpec> Create(int count, CityWorld world) =>
        world.Radio.Cells.Select(cell => new DeviceSpec(cell.Unit, cell.Ncgi, new Model(world.Radio, cell, SeededRandom.For(world.Seed, cell.Ncgi)), cell.Latitude, cell.Longitude));

    private sealed class Model(RadioNetwork radio, RadioCell cell, SeededRandom random) : IDeviceModel
    {
        private readonly Drift _load = new(random, 0.06, 300);
        private long _lastMs = long.MinValue;

        public void Measure(Measurement message)
        {
            var time = message.Time;
            var seconds = _lastMs == long.MinValue ? 15 : Math.Clamp((time.UnixMs - _lastMs) / 1000.0, 0.1, 900);
            _lastMs = time.UnixMs;
            var load = Math.Clamp(radio.Load(cell, time) + _load.At(time.UnixMs), 0.01, 1);
            var asleep = radio.IsAsleep(cell, time.UnixMs);
            if (asleep) load = 0.01;
            var users = asleep ? 0 : 4 + (190 * load);
            var carries = asleep ? 0 : 1;
            var attempts = random.Poisson(users * seconds / 40);
            var handovers = random.Poisson(users * seconds / 90);
            var power = 420 + (780 * load);
            message.Position(cell.Latitude, cell.Longitude);

            // ⌊100·M1/P⌋: an integer.
            message.Value("RRU.PrbTotDl", Math.Floor(100 * load), 0);
            message.Value("RRU.PrbTotUl", Math.Floor(46 * load), 0);
            message.Value("RRC.ConnMean", users);
            message.Value("RRC.ConnMax", Math.Ceiling(users * (1.15 + (0.1 * random.NextDouble()))), 0);
            message.Value("DRB.UEThpDl", carries * 260_000 * (1 - (0.82 * load)) * Math.Exp(0.08 * random.Gaussian()), 0);
            message.Value("DRB.UEThpUl", carries * 42_000 * (1 - (0.7 * load)) * Math.Exp(0.08 * random.Gaussian()), 0);
            message.Value("RRC.ConnEstabAtt", attempts, 0);
            message.Value("RRC.ConnEstabSucc", attempts - Failures(attempts, load > 0.9 ? 0.02 : 0.004), 0);
            message.Value("MM.HoExeInterReq", handovers, 0);
            message.Value("MM.HoExeInterSucc", handovers - Failures(handovers, 0.015), 0);
            message.Value("PEE.AvgPower", power);
            message.Value("PEE.Energy", power * seconds / 3_600_000, 6);
        }

        private int Failures(int attempts, double rate) => Math.Min(attempts, random.Poisson(attempts * rate));
    }
}
