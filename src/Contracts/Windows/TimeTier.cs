namespace SmartCity.Contracts;

/// <summary>A length of time over which windows are rolled up: 15 minutes, an hour, or a day of Vietnam, which begins at 17:00 UTC.</summary>
public sealed class TimeTier
{
    private const long MinuteMs = 60_000;

    public static readonly TimeTier Quarter = new(15 * MinuteMs, 0, "15m");
    public static readonly TimeTier Hour = new(60 * MinuteMs, 0, "1h");
    public static readonly TimeTier Day = new(24 * 60 * MinuteMs, 7 * 60 * MinuteMs, "1d");

    private readonly long _offsetMs; // how much earlier than UTC its days begin

    private TimeTier(long lengthMs, long offsetMs, string name) => (LengthMs, _offsetMs, Name) = (lengthMs, offsetMs, name);

    /// <summary>Length, milliseconds.</summary>
    public long LengthMs { get; }

    /// <summary>Such as <c>15m</c>.</summary>
    public string Name { get; }

    /// <summary>The tiers that windows of a size can be rolled up to, shortest first: every start of one is a start of the one below.</summary>
    public static IReadOnlyList<TimeTier> Above(int windowSeconds)
    {
        var tiers = new List<TimeTier>();
        var belowMs = windowSeconds * 1000L;
        foreach (var tier in (TimeTier[])[Quarter, Hour, Day])
        {
            if (tier.LengthMs <= belowMs || tier.LengthMs % belowMs != 0 || tier._offsetMs % belowMs != 0) continue;
            tiers.Add(tier);
            belowMs = tier.LengthMs;
        }

        return tiers;
    }

    /// <summary>The longest tier of which a step is a multiple; null when windows must be merged themselves.</summary>
    public static TimeTier? For(long stepMs, int windowSeconds) => Above(windowSeconds).LastOrDefault(tier => stepMs % tier.LengthMs == 0);

    /// <summary>
    /// Start of the step that holds an instant: steps of whole days begin at midnight in Vietnam, others are counted from 1970 UTC. So are whole days of windows
    /// that lie across that midnight (2, 3, 4, 6, 8, 12, 24 hours and the like): what a window holds cannot be parted, and must not be told as of another day.
    /// </summary>
    public static long StartOfStep(long ms, long stepMs, int windowSeconds) =>
        Floor(ms, stepMs, stepMs % Day.LengthMs == 0 && Day._offsetMs % (windowSeconds * 1000L) == 0 ? Day._offsetMs : 0);

    /// <summary>Start of this tier's row that holds an instant; both Unix milliseconds.</summary>
    public long StartOf(long ms) => Floor(ms, LengthMs, _offsetMs);

    private static long Floor(long ms, long lengthMs, long offsetMs)
    {
        var remainder = (ms + offsetMs) % lengthMs;
        return ms - (remainder < 0 ? remainder + lengthMs : remainder);
    }
}
