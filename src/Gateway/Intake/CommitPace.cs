namespace SmartCity.Gateway;

/// <summary>
/// Decides whether a commit waits for more records. It does while commits would otherwise follow each other more closely than the delay; where that was of no use, because one publisher waits
/// for each acknowledgement before it sends the next message, the next commits go at once: one, then three, up to 63, before it is tried again.
/// </summary>
/// <param name="delayMs">Least time from one commit's beginning to the next one's; 0: never wait.</param>
internal sealed class CommitPace(int delayMs)
{
    private const int EnoughBytes = 64 << 10; // a batch that is worth its commit: 500 messages or so
    private const int MostAtOnce = 63;
    private int _useless;
    private int _atOnce;

    /// <summary>True when the commit is to wait for the delay.</summary>
    /// <param name="bytes">What the commit holds by now.</param>
    /// <param name="sinceLast">Time since the last commit began.</param>
    public bool ShouldWait(int bytes, TimeSpan sinceLast)
    {
        if (bytes >= EnoughBytes || sinceLast.TotalMilliseconds >= delayMs) return false;
        if (_atOnce == 0) return true;
        _atOnce--;
        return false;
    }

    /// <summary>The commit has waited.</summary>
    /// <param name="gathered">True when more records came meanwhile.</param>
    public void Waited(bool gathered)
    {
        _useless = gathered ? 0 : Math.Min((_useless * 2) + 1, MostAtOnce);
        _atOnce = _useless;
    }
}
