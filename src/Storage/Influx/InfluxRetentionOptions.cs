namespace SmartCity.Storage;

/// <summary>
/// How long InfluxDB keeps what it is sent. Configuration section <c>Influx:Retention</c>. Null, the default: it goes where <c>Influx:Database</c> puts it, and nothing is created or
/// changed. Otherwise to a retention policy (v1), bucket (v2) or database (v3) of its own that keeps it so long: whole hours, zero for ever.
/// </summary>
public sealed class InfluxRetentionOptions
{
    /// <summary>Windows.</summary>
    public TimeSpan? Windows { get; set; }

    /// <summary>Rows of 15 minutes.</summary>
    public TimeSpan? QuarterHours { get; set; }

    /// <summary>Rows of an hour.</summary>
    public TimeSpan? Hours { get; set; }

    /// <summary>Rows of a day.</summary>
    public TimeSpan? Days { get; set; }

    /// <summary>Raw readings.</summary>
    public TimeSpan? Raw { get; set; }

    /// <summary>That of a target.</summary>
    public TimeSpan? Of(LineTarget target) => target switch
    {
        LineTarget.Windows => Windows,
        LineTarget.QuarterHours => QuarterHours,
        LineTarget.Hours => Hours,
        LineTarget.Days => Days,
        _ => Raw,
    };

    /// <summary>Says what is wrong with the options, and what would be right; null when nothing is.</summary>
    public string? Validate()
    {
        foreach (var target in Enum.GetValues<LineTarget>())
        {
            if (Of(target) is { } time && (time < TimeSpan.Zero || time.Ticks % TimeSpan.TicksPerHour != 0))
                return $"Influx:Retention:{target} is {time}; write whole hours, such as 30.00:00:00 for 30 days, or 00:00:00 for ever.";
        }

        return null;
    }
}
