namespace SmartCity.Grains;

/// <summary>How event-time windows are cut and when they are stored. Configuration section <c>Window</c>.</summary>
public sealed class WindowOptions
{
    /// <summary>Size of a window in seconds; divides a day. Default 60.</summary>
    public int Seconds { get; set; } = 60;

    /// <summary>How long after its end a window takes readings that count as in time, in seconds. Later ones still correct it, and are counted as late. Default 120.</summary>
    public int LatenessSeconds { get; set; } = 120;

    /// <summary>How long after its end, by the server's clock, a window is first stored; in seconds. Default 2.</summary>
    public int GraceSeconds { get; set; } = 2;

    /// <summary>Devices store their windows spread over this time after the grace, so that a hundred thousand devices are no stampede; in seconds. Default 8.</summary>
    public int SpreadSeconds { get; set; } = 8;

    /// <summary>Metrics that one device may have; more are refused, so that a device that invents names cannot fill the memory. Default 256.</summary>
    public int MaxMetricsPerDevice { get; set; } = 256;

    /// <summary>
    /// Metrics that are counters beside those of the catalogue, a comma between two: <c>kind/metric</c>, or <c>kind/metric=rollover</c> with the value at which the register begins again at 0.
    /// Windows that were stored before keep what they have. Default: none.
    /// </summary>
    public string Counters { get; set; } = "";

    /// <summary>
    /// Readings of one window that wait in memory as they were measured; with more the window is stored before its end. 0: they are not kept. Follows <c>Raw:Store</c> and
    /// <c>Raw:MaxBlockReadings</c>.
    /// </summary>
    public int ReadingsPerBlock { get; set; }

    /// <summary>Says what is wrong with the options, and what would be right; null when nothing is.</summary>
    public string? Validate() => this switch
    {
        { Seconds: < 1 or > 86_400 } or { Seconds: > 0 } when 86_400 % Math.Max(1, Seconds) != 0 || Seconds < 1 =>
            $"Window:Seconds is {Seconds}; it must divide a day (86400), such as 10, 60 or 900.",
        { LatenessSeconds: < 0 } => $"Window:LatenessSeconds is {LatenessSeconds}; it must be 0 or more.",
        { GraceSeconds: < 0 } => $"Window:GraceSeconds is {GraceSeconds}; it must be 0 or more.",
        { SpreadSeconds: < 0 } => $"Window:SpreadSeconds is {SpreadSeconds}; it must be 0 or more.",
        { MaxMetricsPerDevice: < 1 } => $"Window:MaxMetricsPerDevice is {MaxMetricsPerDevice}; it must be 1 or more.",
        _ => MetricForms.Validate(Counters),
    };
}
