using System.Globalization;

namespace SmartCity.Simulators;

/// <summary>How a city with faults, a truth or a time of its own is run.</summary>
public sealed record CityRunOptions
{
    /// <summary>How many times faster than the clock the city lives, 1 to 10,000.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Simulated time to run; null: a day when the city lives faster than the clock, else until cancelled.</summary>
    public TimeSpan? Length { get; init; }

    /// <summary>Start of the simulated time; null: so that it ends now, or at the speed of the clock, now.</summary>
    public DateTimeOffset? Start { get; init; }

    public FaultRates Faults { get; init; } = new();

    /// <summary>Folder for the truth; null: none is written.</summary>
    public string? Truth { get; init; }

    /// <summary>Whether a run that comes to its end writes the right answers beside the truth, for windows of a minute.</summary>
    public bool Answers { get; init; } = true;

    /// <summary>How long a broker may answer nothing at all once the time of the run is over; then what has no answer is unknown, and what was not sent is lost.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest run by the clock; a timer can hold 49 days.</summary>
    internal static TimeSpan Longest { get; } = TimeSpan.FromDays(40);

    /// <summary>Most simulated time: a run ends now, and the platform takes nothing that is older.</summary>
    internal static TimeSpan Farthest { get; } = TimeSpan.FromDays(300);

    internal static ArgumentException TooLong(TimeSpan takes) => new(string.Create(CultureInfo.InvariantCulture,
        $"--duration takes {takes.TotalDays:0.0} days of the clock; {Longest.TotalDays:0} are the most: write a shorter one, or a higher --speed."));

    /// <summary>Checks the values.</summary>
    /// <returns>Start and end of the simulated time, Unix milliseconds; the end is <see cref="long.MaxValue"/> for a run without one.</returns>
    /// <exception cref="ArgumentException">What is wrong and what to write instead.</exception>
    public (long FromMs, long ToMs) Validate(DateTimeOffset now)
    {
        if (!(Speed is >= 1 and <= 10_000)) throw new ArgumentException("--speed must be 1 to 10000; 144 runs a day in ten minutes.");
        if (Length <= TimeSpan.Zero) throw new ArgumentException("--duration must be positive.");
        var length = Length ?? (Speed > 1 ? TimeSpan.FromDays(1) : null);
        if (length is null)
        {
            if (Start is not null) throw new ArgumentException("--start needs --duration, the simulated seconds to run, such as --duration 86400.");
            return (now.ToUnixTimeMilliseconds(), long.MaxValue);
        }

        // The last measurement is sent when it is measured; all others lie further back. The platform refuses what is ahead of its clock.
        var takes = length.Value / Speed;
        if (takes > Longest) throw TooLong(takes);
        var latest = now + takes - length.Value;
        var start = Start ?? latest;
        if (start > latest.AddSeconds(1))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"--start {start:yyyy-MM-ddTHH:mm:ssZ} with --duration {length.Value.TotalSeconds:0} and --speed {Speed} would run ahead of the clock; start at or before {latest.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}."));
        }

        if (start < now.AddDays(-300)) throw new ArgumentException("--start must be within the last 300 days.");
        return (start.ToUnixTimeMilliseconds(), start.ToUnixTimeMilliseconds() + (long)length.Value.TotalMilliseconds);
    }
}
