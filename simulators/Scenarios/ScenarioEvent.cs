namespace SmartCity.Simulators;

/// <summary>One thing that happens, as a scenario file says it.</summary>
public sealed record ScenarioEvent
{
    public required ScenarioKind Kind { get; init; }

    /// <summary>Name of the kind in files and in the truth, such as <c>power-cut</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Time of the local day (UTC+7), or, with <see cref="FromStart"/>, after the start of the run.</summary>
    public TimeSpan From { get; init; }

    /// <summary>True when <see cref="From"/> counts from the start of the run.</summary>
    public bool FromStart { get; init; }

    public TimeSpan For { get; init; }

    /// <summary>Codes of units; empty: all of the run.</summary>
    public IReadOnlyList<string> Units { get; init; } = [];

    /// <summary>1 is a strong one of its kind; above 0, at most 10.</summary>
    public double Strength { get; init; } = 1;

    /// <summary>Power cut: which of the eight wards around the centre, 1 to 8 clockwise from north.</summary>
    public int Ward { get; init; } = 1;

    /// <summary>Cell scenarios: sites of each unit whose first sector it happens to; the largest operator's first.</summary>
    public int Cells { get; init; } = 1;

    /// <summary>Firmware: kind of device.</summary>
    public string DeviceKind { get; init; } = "air";

    /// <summary>Firmware: metrics that stand still; empty: all.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = [];

    /// <summary>Start, Unix milliseconds, of a run that starts at a time: the first such moment at or after it.</summary>
    public long StartMs(long runStartMs)
    {
        if (FromStart) return runStartMs + (long)From.TotalMilliseconds;
        const long DayMs = 86_400_000;
        var local = runStartMs + DayTime.OffsetMs;
        var start = local - (local % DayMs) + (long)From.TotalMilliseconds;
        if (start < local) start += DayMs;
        return start - DayTime.OffsetMs;
    }
}
