namespace SmartCity.Storage;

/// <summary>Exponential back-off: half of each wait is random, so that many writers do not come back at the same instant.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private int _attempt;

    public void Reset() => _attempt = 0;

    /// <summary>The next wait; what the server asked for wins over ours when it is longer.</summary>
    public TimeSpan Next(TimeSpan? retryAfter)
    {
        var ceiling = Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(_attempt++, 30)));
        var wait = TimeSpan.FromMilliseconds(ceiling * (0.5 + (Random.Shared.NextDouble() / 2)));
        return retryAfter > wait ? retryAfter.Value : wait;
    }
}
