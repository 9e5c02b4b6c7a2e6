namespace SmartCity.Simulators;

/// <summary>
/// First-order autoregressive noise: what a real sensor shows around its daily cycle. Its spread does not depend on the sampling interval.
/// </summary>
/// <param name="deviation">Standard deviation in the unit of the value.</param>
/// <param name="correlationSeconds">Time after which the correlation has fallen to 1/e.</param>
public sealed class Drift(SeededRandom random, double deviation, double correlationSeconds)
{
    private double _value = random.Gaussian();
    private long _lastMs = long.MinValue;

    /// <summary>The noise at a time; times must not decrease.</summary>
    public double At(long ms)
    {
        if (_lastMs != long.MinValue && ms > _lastMs)
        {
            var keep = Math.Exp(-(ms - _lastMs) / 1000.0 / correlationSeconds);
            _value = (keep * _value) + (Math.Sqrt(1 - (keep * keep)) * random.Gaussian());
        }

        _lastMs = ms;
        return deviation * _value;
    }
}
