namespace SmartCity.Simulators;

/// <summary>What a counter grew by, per second, between two looks at it.</summary>
internal sealed class RateMeter
{
    private long _before;

    /// <summary>Units a second since the last call.</summary>
    public double Next(long now, TimeSpan since)
    {
        var rate = since > TimeSpan.Zero ? (now - _before) / since.TotalSeconds : 0;
        _before = now;
        return rate;
    }
}
