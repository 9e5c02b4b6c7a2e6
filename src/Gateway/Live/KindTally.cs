namespace SmartCity.Gateway;

/// <summary>
/// Running sums of one kind in one region, for the live overview. Written by the decoding thread only; readers take differences of what they
/// see, so a value that is one message old does no harm.
/// </summary>
internal sealed class KindTally(string region, string kind)
{
    private (double Sum, long Count)[] _metrics = new (double, long)[16];

    public string Region { get; } = region;

    public string Kind { get; } = kind;

    public long Messages { get; private set; }

    public long Readings { get; private set; }

    public void AddMessage() => Messages++;

    public void AddReading(int metric, double value)
    {
        Readings++;
        if (metric >= _metrics.Length) Array.Resize(ref _metrics, Math.Max(metric + 1, _metrics.Length * 2));
        ref var slot = ref _metrics[metric];
        slot.Sum += value;
        slot.Count++;
    }

    /// <summary>Sums and counts per metric index so far.</summary>
    public (double Sum, long Count)[] Snapshot() => [.. _metrics];
}
