namespace SmartCity.Simulators;

/// <summary>
/// The firmware of one device: a release a week for each kind, on a weekday of its own, that goes out in three nights: to a few, to some, to the rest. Each device takes
/// it at a minute of its own between 1 and 4 in the morning (UTC+7). A function of time, without state.
/// </summary>
internal sealed class Firmware
{
    private const long DayMs = 86_400_000;
    private const long WeekMs = 7 * DayMs;

    /// <summary>Version 1.0.0: midnight of 2020-01-06, a Monday, in UTC+7.</summary>
    private const long FirstMs = 1_578_243_600_000;

    private readonly long _installMs;

    /// <param name="fleet">Devices that get their releases together.</param>
    public Firmware(int seed, string fleet, SeededRandom random)
    {
        var weekday = SeededRandom.For(seed, $"firmware/{fleet}").Below(7);
        var rank = random.NextDouble();
        var night = rank < 0.05 ? 0 : rank < 0.3 ? 1 : 2;
        _installMs = ((weekday + night) * DayMs) + (long)(random.Between(1, 4) * 3_600_000);
    }

    /// <summary>The version as a number, major·10000 + minor·100 + patch, and since when the device runs it, Unix milliseconds.</summary>
    public (int Version, long SinceMs) At(long ms)
    {
        var release = (long)Math.Floor((ms - FirstMs - _installMs) / (double)WeekMs);
        return (VersionOf((int)Math.Max(0, release)), FirstMs + _installMs + (release * WeekMs));
    }

    /// <summary>A patch a week, a minor version every four, a major one every 52.</summary>
    private static int VersionOf(int release) => ((1 + (release / 52)) * 10_000) + (release % 52 / 4 * 100) + (release % 4);
}
