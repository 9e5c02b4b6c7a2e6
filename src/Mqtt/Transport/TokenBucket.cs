namespace SmartCity.Mqtt;

/// <summary>A token bucket: <paramref name="rate"/> tokens a second, at most one second's worth saved up. For one thread at a time.</summary>
internal sealed class TokenBucket(int rate, TimeProvider time)
{
    private double _tokens = rate;
    private long _filledAt = time.GetTimestamp();

    /// <summary>True when there is no token; looks at the clock only then.</summary>
    public bool IsEmpty
    {
        get
        {
            if (_tokens >= 1) return false;
            Fill();
            return _tokens < 1;
        }
    }

    public void Take() => _tokens--;

    /// <summary>Time until there is a token, rounded up to a tenth of the bucket so that a waiter is not woken for each one.</summary>
    public TimeSpan UntilNext => TimeSpan.FromSeconds(Math.Max(1 - _tokens, rate / 10d) / rate);

    private void Fill()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(rate, _tokens + (time.GetElapsedTime(_filledAt, now).TotalSeconds * rate));
        _filledAt = now;
    }
}
