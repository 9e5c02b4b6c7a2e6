namespace Orleans.Configuration;

/// <summary>When grains that nobody calls leave the memory.</summary>
public sealed class GrainCollectionOptions
{
    /// <summary>A grain without calls for this long is deactivated. Default 15 min.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Ages of their own, by full name of the grain class.</summary>
    public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; } = [];

    /// <summary>How often is looked for idle grains. Default 1 min; less than every collection age.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long <c>OnActivateAsync</c> may take before its token is cancelled. Default 30 s.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long <c>OnDeactivateAsync</c> may take before its token is cancelled and the grain leaves without it. Default 30 s.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Deactivates idle grains, those idle for longest first, while the memory in use is above <see cref="MemoryUsageLimitPercentage"/>. Default off.</summary>
    public bool EnableActivationSheddingOnMemoryPressure { get; set; }

    /// <summary>Memory in use, percent of what the process may have, at which shedding begins. Default 80.</summary>
    public double MemoryUsageLimitPercentage { get; set; } = 80;

    /// <summary>Memory in use, percent, at which shedding ends. Default 75.</summary>
    public double MemoryUsageTargetPercentage { get; set; } = 75;

    /// <summary>How often the memory in use is looked at. Default 5 s.</summary>
    public TimeSpan MemoryUsagePollingPeriod { get; set; } = TimeSpan.FromSeconds(5);
}
