using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>
/// Phones that measure their operator's network along the streets around a city centre: two of three are drive tests in vehicles with a connection that is handed over,
/// the others belong to people on foot and log without a connection (logged MDT, TS 37.320).
/// </summary>
internal sealed class MdtKind : IDeviceKind
{
    /// <summary>Vehicles stay where the operator has sites, and at least within this distance of the centre, m.</summary>
    private const double VehicleRadius = 1400;

    private const double WalkRadius = 1000;

    /// <summary>Some of the LoggingIntervals of TS 38.331, seconds.</summary>
    private static readonly double[] s_loggingIntervals = [5.12, 10.24, 20.48];

    public string Code => "mdt";

    public double Share => 3.4;

    public double IntervalSeconds => 2;

    public IEnumerable<DeviceSpec> Create(int count, CityWorld world)
    {
        var cities = world.Radio.Cities;
        for (var i = 0; i < count && cities.Count > 0; i++)
        {
            var unit = cities[i % cities.Count];
            var operators = world.Radio.OperatorsIn(unit);
            var number = i / cities.Count;
            var owner = operators[number % operators.Count];

            // So that every operator has both.
            var walks = (number + (number / operators.Count)) % 3 == 1;
            var name = $"{(walks ? "mdt" : "ue")}-{unit.Code}-{number + 1:000}";
            var random = SeededRandom.For(world.Seed, name);
            yield return new(unit, name, walks ? new Walker(world.Radio, owner, unit, random) : new Vehicle(world.Radio, owner, unit, random))
            {
                IntervalSeconds = walks ? s_loggingIntervals[random.Below(s_loggingIntervals.Length)] : null,
            };
        }
    }

    /// <summary>What all phones report.</summary>
    private static void Write(Measurement message, RadioNetwork radio, PhoneReport report, double latitude, double longitude, double speed, SeededRandom random)
    {
        var sample = report.Sample;
        message.Position(latitude, longitude);
        message.Text("ncgi", sample.Cell.Ncgi);
        message.Value("pci", radio.Pci(sample.Cell, message.Time), 0);
        message.Value("arfcn", sample.Cell.Carrier.Arfcn, 0);

        // Phones report the serving cell down to about −140 dBm.
        message.Value("rsrp", Math.Max(-140, sample.Rsrp + (0.8 * random.Gaussian())));
        message.Value("rsrq", Math.Max(-40, sample.Rsrq + (0.4 * random.Gaussian())));
        message.Value("sinr", Math.Clamp(sample.Sinr + (0.8 * random.Gaussian()), -22, 39));
        message.Value("speed", speed);
        var measured = report.Neighbours.Select(n => (n.Cell, Rsrp: n.Rsrp + (0.8 * random.Gaussian()))).OrderByDescending(n => n.Rsrp).ToList();
        for (var i = 0; i < measured.Count; i++)
        {
            var (cell, rsrp) = measured[i];
            message.Value(s_neighbours[i].Pci, radio.Pci(cell, message.Time), 0);
            message.Value(s_neighbours[i].Arfcn, cell.Carrier.Arfcn, 0);
            message.Value(s_neighbours[i].Rsrp, rsrp);
        }
    }

    private static readonly (string Pci, string Arfcn, string Rsrp)[] s_neighbours = [("n1pci", "n1arfcn", "n1rsrp"), ("n2pci", "n2arfcn", "n2rsrp"), ("n3pci", "n3arfcn", "n3rsrp")];

    /// <summary>A drive test.</summary>
    private sealed class Vehicle(RadioNetwork radio, MobileOperator owner, UnitInfo unit, SeededRandom random) : IDeviceModel
    {
        private readonly StreetWalk _way = new(unit, random, Math.Max(VehicleRadius, radio.Extent(owner, unit)), startBlocks: 6);
        private readonly PhoneSession _phone = new(radio, owner, unit);
        private readonly Drift _speed = new(random, 9, 20);
        private long _lastMs = long.MinValue;

        public void Measure(Measurement message)
        {
            var time = message.Time;
            var speed = Math.Max(0, 27 - (14 * time.Traffic) + _speed.At(time.UnixMs));
            if (_lastMs != long.MinValue) _way.Go(Math.Min(60, (time.UnixMs - _lastMs) / 1000.0) * speed / 3.6);
            _lastMs = time.UnixMs;
            var (latitude, longitude) = _way.Position;
            var report = _phone.At(latitude, longitude, time);
            Write(message, radio, report, latitude, longitude, speed, random);
            message.Value("cqi", report.Sample.Cqi, 0);
            message.Value("ri", report.Sample.Rank, 0);
            message.Value("dl", report.Sample.DownKbps * Math.Exp(0.1 * random.Gaussian()), 0);
            message.Value("ul", report.Sample.UpKbps * Math.Exp(0.1 * random.Gaussian()), 0);
            message.Value("ho", report.HandedOver ? 1 : 0, 0);
            message.Value("rlf", report.Failed ? 1 : 0, 0);
        }
    }

    /// <summary>Somebody on foot. A phone without a connection knows no throughput, CQI or handover.</summary>
    private sealed class Walker(RadioNetwork radio, MobileOperator owner, UnitInfo unit, SeededRandom random) : IDeviceModel
    {
        private readonly StreetWalk _way = new(unit, random, WalkRadius, startBlocks: 4);
        private readonly PhoneSession _phone = new(radio, owner, unit, idle: true);
        private readonly Drift _speed = new(random, 1.2, 60);
        private long _lastMs = long.MinValue;

        public void Measure(Measurement message)
        {
            var time = message.Time;
            var speed = Math.Max(0, 4 + _speed.At(time.UnixMs));
            if (_lastMs != long.MinValue) _way.Go(Math.Min(120, (time.UnixMs - _lastMs) / 1000.0) * speed / 3.6);
            _lastMs = time.UnixMs;
            var (latitude, longitude) = _way.Position;
            Write(message, radio, _phone.At(latitude, longitude, time), latitude, longitude, speed, random);
        }
    }
}
