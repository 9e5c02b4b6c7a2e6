namespace SmartCity.Simulators;

/// <summary>
/// The drift of one device: gain and offset grow from its last calibration to the next, which takes them back to nothing. A function of time and of the draws at its
/// making alone, so that runs that begin or end elsewhere agree.
/// </summary>
internal sealed class Calibration
{
    private const double MonthMs = 30 * 86_400_000.0;

    /// <summary>Rates lie within this many times the typical ones; evenly, which makes the typical ones their standard deviation.</summary>
    private const double Widest = 1.7320508;

    private readonly IReadOnlyList<SensorDrift> _drifts;
    private readonly double _intervalMs;
    private readonly double _phaseMs;
    private readonly ulong _key;
    private readonly double[] _gains;
    private readonly double[] _offsets;
    private double _period = double.NaN;
    private double _months;

    public Calibration(SeededRandom random, IReadOnlyList<SensorDrift> drifts)
    {
        _drifts = drifts;
        _intervalMs = random.Between(2, 4) * MonthMs;
        _phaseMs = random.Between(0, _intervalMs);
        _key = (ulong)(random.NextDouble() * (1UL << 53));
        _gains = new double[drifts.Count];
        _offsets = new double[drifts.Count];
    }

    /// <summary>Sets the time that <see cref="Apply"/> is for.</summary>
    public void MoveTo(long ms)
    {
        var period = Math.Floor((ms + _phaseMs) / _intervalMs);
        _months = (ms + _phaseMs - (period * _intervalMs)) / MonthMs;
        if (period == _period) return;
        _period = period;
        var random = new SeededRandom(SeededRandom.Mix(_key ^ SeededRandom.Mix((ulong)(long)period)));
        for (var i = 0; i < _drifts.Count; i++)
        {
            _gains[i] = _drifts[i].GainPerMonth * random.Between(-Widest, Widest);
            _offsets[i] = _drifts[i].OffsetPerMonth * random.Between(-Widest, Widest);
        }
    }

    /// <summary>What the sensor shows for a true value.</summary>
    public double Apply(string metric, double value)
    {
        for (var i = 0; i < _drifts.Count; i++)
        {
            if (Array.IndexOf(_drifts[i].Metrics, metric) >= 0) return (value * (1 + (_gains[i] * _months))) + (_offsets[i] * _months);
        }

        return value;
    }
}
