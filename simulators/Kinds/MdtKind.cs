using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>Drive tests: phones in vehicles that follow the streets around a city centre and measure their operator's network.</summary>
internal sealed class MdtKind : IDeviceKind
{
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
            var name = $"ue-{unit.Code}-{(i / cities.Count) + 1:000}";
            yield return new(unit, name, new Model(world.Radio, operators[i / cities.Count % operators.Count], unit, SeededRandom.For(world.Seed, name)));
        }
    }

    /// <summary>A vehicle on a grid of streets: it turns at crossings now and then, and heads back at the edge of the built-up area.</summary>
    private sealed class Model(RadioNetwork radio, MobileOperator owner, UnitInfo unit, SeededRandom random) : IDeviceModel
    {
        private const double MetresPerDegree = 111_320;
        private const double Block = 180;
        private const double Radius = 4200;
        private readonly Drift _speed = new(random, 9, 20);
        private double _east = Math.Round(random.Between(-8, 8)) * Block;
        private double _north = Math.Round(random.Between(-8, 8)) * Block;
        private int _heading = random.Below(4);
        private double _toCrossing = Block;
        private long _lastMs = long.MinValue;

        public void Measure(Measurement message)
        {
            var time = message.Time;
            if (_lastMs != long.MinValue) Drive(Math.Min(60, (time.UnixMs - _lastMs) / 1000.0) * Math.Max(0, 27 - (14 * time.Traffic) + _speed.At(time.UnixMs)) / 3.6);
            _lastMs = time.UnixMs;
            var latitude = unit.Latitude + (_north / MetresPerDegree);
            var longitude = unit.Longitude + (_east / (MetresPerDegree * Math.Cos(unit.Latitude * Math.PI / 180)));
            var sample = radio.Measure(owner, unit, latitude, longitude, time);
            message.Position(latitude, longitude);
            message.Text("ncgi", sample.Cell.Ncgi);
            message.Value("pci", radio.Pci(sample.Cell, time), 0);
            message.Value("arfcn", owner.Arfcn, 0);

            // Phones report the best cell down to about −140 dBm.
            message.Value("rsrp", Math.Max(-140, sample.Rsrp + (0.8 * random.Gaussian())));
            message.Value("rsrq", sample.Rsrq + (0.4 * random.Gaussian()));
            message.Value("sinr", sample.Sinr + (0.8 * random.Gaussian()));
            message.Value("dl", sample.DownKbps * Math.Exp(0.1 * random.Gaussian()), 0);
            message.Value("ul", sample.UpKbps * Math.Exp(0.1 * random.Gaussian()), 0);
        }

        private void Drive(double metres)
        {
            while (metres > 0)
            {
                var step = Math.Min(metres, _toCrossing);
                _east += _heading switch { 1 => step, 3 => -step, _ => 0 };
                _north += _heading switch { 0 => step, 2 => -step, _ => 0 };
                metres -= step;
                _toCrossing -= step;
                if (_toCrossing > 0) continue;
                _toCrossing = Block;
                Turn();
            }
        }

        private void Turn()
        {
            var outside = (_east * _east) + (_north * _north) > Radius * Radius;
            if (outside) _heading = Math.Abs(_east) > Math.Abs(_north) ? (_east > 0 ? 3 : 1) : (_north > 0 ? 2 : 0);
            else if (random.NextDouble() < 0.3) _heading = (_heading + (random.NextDouble() < 0.5 ? 1 : 3)) % 4;
        }
    }
}
