namespace SmartCity.Simulators;

/// <summary>A moment as the city lives it: UTC+7, no daylight saving time.</summary>
public readonly record struct DayTime(long UnixMs)
{
    private const double MsPerDay = 86_400_000;

    /// <summary>Vietnam's offset to UTC, milliseconds.</summary>
    public const long OffsetMs = 7 * 3_600_000;

    /// <summary>Hour of the local day, 0 to 24.</summary>
    public double Hour => ((UnixMs + OffsetMs) % MsPerDay) / 3_600_000;

    /// <summary>Local days since 1970.</summary>
    public double Day => (UnixMs + OffsetMs) / MsPerDay;

    /// <summary>Saturday or Sunday.</summary>
    public bool IsWeekend => (((long)Math.Floor(Day) + 4) % 7) is 0 or 6;

    /// <summary>A bell around an hour of the day, 1 at its top, that wraps at midnight.</summary>
    public double Bell(double atHour, double widthHours)
    {
        var distance = Math.Abs(Hour - atHour);
        distance = Math.Min(distance, 24 - distance);
        return Math.Exp(-0.5 * distance * distance / (widthHours * widthHours));
    }

    /// <summary>How high the sun stands, 0 at night to 1 at noon.</summary>
    public double Sun => Math.Max(0, Math.Sin(Math.PI * (Hour - 5.75) / 12.5));

    /// <summary>Rush hours of motorcycles and cars, 0 to 1.</summary>
    public double Traffic => IsWeekend
        ? Math.Min(1, 0.1 + (0.35 * Bell(10, 2.5)) + (0.55 * Bell(19, 2.5)))
        : Math.Min(1, 0.08 + (0.85 * Bell(7.5, 1.1)) + (0.35 * Bell(11.8, 1.3)) + (0.9 * Bell(17.6, 1.4)) + (0.3 * Bell(20.5, 1.5)));

    /// <summary>How many people are awake and use things, 0 to 1; on weekends offices are closed and evenings longer.</summary>
    public double Activity => IsWeekend
        ? Math.Min(1, 0.15 + (0.3 * Bell(10.5, 2.8)) + (0.35 * Bell(15, 2.8)) + (0.8 * Bell(20.3, 2.4)))
        : Math.Min(1, 0.15 + (0.5 * Bell(9.5, 2.5)) + (0.5 * Bell(14.5, 2.5)) + (0.75 * Bell(20, 2.2)));
}
