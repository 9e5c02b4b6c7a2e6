using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>Decides which idle grains go when the memory runs short: those idle for longest first, at every look half the age of the last.</summary>
/// <param name="load">Memory in use, percent of what the process may have.</param>
internal sealed class MemoryPressure(GrainCollectionOptions options, Func<double> load)
{
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(1);

    private TimeSpan? _age;
    private long _nextMs;

    /// <summary>What the last look saw, percent.</summary>
    public double LastLoad { get; private set; }

    /// <summary>Memory in use, percent of what the collector sees as available: the container's limit or the machine's memory.</summary>
    public static double LoadOfProcess()
    {
        var info = GC.GetGCMemoryInfo();
        return info.TotalAvailableMemoryBytes == 0 ? 0 : 100.0 * Environment.WorkingSet / info.TotalAvailableMemoryBytes;
    }

    /// <summary>Age from which on idle grains are to go now; null for none.</summary>
    public TimeSpan? Shed(long nowMs)
    {
        if (!options.EnableActivationSheddingOnMemoryPressure || nowMs < _nextMs) return null;
        _nextMs = nowMs + (long)options.MemoryUsagePollingPeriod.TotalMilliseconds;
        LastLoad = load();
        if (LastLoad < options.MemoryUsageTargetPercentage) _age = null;
        if (LastLoad < (_age is null ? options.MemoryUsageLimitPercentage : options.MemoryUsageTargetPercentage)) return null;
        var age = (_age ?? options.CollectionAge) / 2;
        return _age = age < s_least ? s_least : age;
    }
}
