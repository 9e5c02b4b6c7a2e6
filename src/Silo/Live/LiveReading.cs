namespace SmartCity.Silo;

/// <summary>New values of a watched device.</summary>
internal sealed class LiveReading(string device, string kind)
{
    public string Device { get; } = device;

    public string Kind { get; } = kind;

    /// <summary>Event time of the newest value; Unix milliseconds.</summary>
    public long TimeMs { get; set; } = long.MinValue;

    public Dictionary<string, double> Values { get; } = [];
}
