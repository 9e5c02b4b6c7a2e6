namespace Orleans.Runtime;

/// <summary>One method of a grain interface: its name, its options and what was measured of it. Generated code holds one per method.</summary>
public sealed class GrainMethod
{
    private long _samples;
    private long _ticks;
    private long _maxTicks;
    private long _suspended;

    /// <param name="responseTimeout">A time span of its own, as <see cref="ResponseTimeoutAttribute"/> gives it; null for the host's.</param>
    public GrainMethod(string interfaceName, string name, GrainMethodOptions options = GrainMethodOptions.None, string? responseTimeout = null)
    {
        (Name, Options) = ($"{interfaceName}.{name}", options);
        if (responseTimeout is not null) ResponseTimeoutMs = (long)TimeSpan.Parse(responseTimeout, System.Globalization.CultureInfo.InvariantCulture).TotalMilliseconds;
        GrainRegistry.Add(this);
    }

    /// <summary>Interface and method: <c>IDeviceGrain.Ingest</c>.</summary>
    public string Name { get; }

    public GrainMethodOptions Options { get; }

    internal long? ResponseTimeoutMs { get; }

    /// <summary>Turns that were timed: one of 64 of those that run through, and every one that suspends.</summary>
    internal long Samples => Volatile.Read(ref _samples);

    /// <summary>Calls that were timed and suspended.</summary>
    internal long Suspended => Volatile.Read(ref _suspended);

    /// <summary>Mean of the timed calls from begin to end, ticks of the stopwatch; 0 without any.</summary>
    internal double MeanTicks => Samples is > 0 and var n ? Volatile.Read(ref _ticks) / (double)n : 0;

    internal long MaxTicks => Volatile.Read(ref _maxTicks);

    internal void Record(long ticks, bool suspended)
    {
        Interlocked.Increment(ref _samples);
        Interlocked.Add(ref _ticks, ticks);
        if (suspended) Interlocked.Increment(ref _suspended);
        var max = Volatile.Read(ref _maxTicks);
        while (ticks > max)
        {
            var seen = Interlocked.CompareExchange(ref _maxTicks, ticks, max);
            if (seen == max) break;
            max = seen;
        }
    }
}
