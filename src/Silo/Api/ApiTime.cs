using System.Globalization;

namespace SmartCity.Silo;

/// <summary>Times, steps and ranges of the API.</summary>
internal static class ApiTime
{
    /// <summary>Most rows of one answer; a longer range needs a larger step.</summary>
    public const int MaxRows = 20_000;

    public static DateTimeOffset At(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);

    /// <summary>Reads <c>from</c> and <c>to</c> (RFC 3339); the default is the time before now.</summary>
    /// <exception cref="BadRequestException">A value is no time, or the range is empty.</exception>
    public static (long FromMs, long ToMs) Range(string? from, string? to, TimeSpan fallback, TimeProvider clock)
    {
        var end = to is null ? clock.GetUtcNow().AddMinutes(5) : Parse("to", to);
        var start = from is null ? end - fallback : Parse("from", from);
        if (start >= end) throw new BadRequestException("'from' must be before 'to'.");
        return (start.ToUnixTimeMilliseconds(), end.ToUnixTimeMilliseconds());
    }

    /// <summary>Reads <c>step</c>: seconds, or a number with s, m, h or d. Must be a multiple of the window.</summary>
    public static long StepMs(string? step, int windowSeconds, long fromMs, long toMs)
    {
        var seconds = windowSeconds;
        if (step is not null)
        {
            var unit = step.Length > 0 ? step[^1] : '?';
            var factor = unit switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
            if (!int.TryParse(factor == 0 ? step : step[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var n) || n == 0 || (long)n * Math.Max(1, factor) > 366 * 86_400)
                throw new BadRequestException($"'step' is '{step}'; write seconds or a number with s, m, h or d, such as 300 or 15m.");
            seconds = n * Math.Max(1, factor);
        }

        if (seconds % windowSeconds != 0) throw new BadRequestException($"'step' must be a multiple of the window, {windowSeconds} s.");
        if ((toMs - fromMs) / (seconds * 1000L) > MaxRows)
            throw new BadRequestException($"The range has more than {MaxRows} rows of {seconds} s; ask for a shorter range or a larger step.");
        return seconds * 1000L;
    }

    private static DateTimeOffset Parse(string name, string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time.Year is >= 1970 and < 9000
            ? time : throw new BadRequestException($"'{name}' is '{text}'; write an RFC 3339 time, such as 2026-01-31T00:00:00Z.");
}
