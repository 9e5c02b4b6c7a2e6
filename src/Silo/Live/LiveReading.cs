namespace SmartCity.Silo;

/// <summary>New values of a watched device.</summary>
internal sealed class LiveReading(string device, string kind)
{
    public string Device { get; } = device;

    public string Kind { get; } = kind;

    /// <summary>Event time of the newest value; Unix milliseconds.</summary>
    public long TimeMs { get; set; } = long.MinValue;

    public Dictionary<string, double> Values { get; } = [];

    /// <summary>Takes over newer values; of older ones only what is not there yet.</summary>
    public void Merge(LiveReading other)
    {
        foreach (var (metric, value) in other.Values)
        {
            if (other.TimeMs >= TimeMs) Values[metric] = value;
            else Values.TryAdd(metric, value);
        }

        TimeMs = Math.Max(TimeMs, other.TimeMs);
    }

    /// <summary>An independent copy.</summary>
    public LiveReading Clone()
    {
        var copy = new LiveReading(Device, Kind);
        copy.Merge(this);
        return copy;
    }
}
