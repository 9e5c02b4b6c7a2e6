namespace SmartCity.Gateway;

/// <summary>
/// How far a device's clock is from the gateway's: minus the least time from measuring to arrival of its newest messages. The least, because a message may be
/// late for many reasons and early for one only; of the last five to ten minutes, because clocks are set and drift.
/// </summary>
/// <remarks>A clock that is behind cannot be told from a device that sends everything late.</remarks>
internal struct ClockOffset
{
    private const long PeriodMs = 300_000;

    private int _period;
    private int _least;
    private int _leastBefore;
    private bool _isKnown;
    private bool _wasKnown;

    /// <summary>Milliseconds; positive when the device's clock is ahead. Null when no message told its time.</summary>
    public readonly int? Ms => _isKnown ? -(_wasKnown ? Math.Min(_least, _leastBefore) : _least) : null;

    /// <summary>Takes the times of a message; both Unix milliseconds.</summary>
    public void Add(long arrivalMs, long eventMs)
    {
        var (period, delay) = ((int)(arrivalMs / PeriodMs), (int)Math.Clamp(arrivalMs - eventMs, int.MinValue + 1, int.MaxValue));
        if (_isKnown && period == _period)
        {
            _least = Math.Min(_least, delay);
            return;
        }

        (_leastBefore, _wasKnown) = (_least, _isKnown && period == _period + 1);
        (_least, _period, _isKnown) = (delay, period, true);
    }
}
