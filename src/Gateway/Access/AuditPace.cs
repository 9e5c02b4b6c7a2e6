namespace SmartCity.Gateway;

/// <summary>Lets one line through in an interval and counts the others.</summary>
internal sealed class AuditPace
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);
    private long _last;
    private int _left;

    /// <summary>True when a line may be written.</summary>
    /// <param name="left">How many were left out since the last one.</param>
    public bool Enter(TimeProvider time, out int left)
    {
        left = 0;
        if (_last != 0 && time.GetElapsedTime(_last) < s_interval)
        {
            _left++;
            return false;
        }

        _last = Math.Max(1, time.GetTimestamp());
        (left, _left) = (_left, 0);
        return true;
    }
}
