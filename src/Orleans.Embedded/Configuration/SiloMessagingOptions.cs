namespace Orleans.Configuration;

/// <summary>Limits of calls.</summary>
public sealed class SiloMessagingOptions
{
    /// <summary>How long a caller waits for an answer before the call ends with a <see cref="TimeoutException"/>. Default 30 s.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most calls that may wait for one activation; further ones fail with <see cref="Runtime.LimitExceededException"/>. 0 (the default): no limit.</summary>
    public int MaxEnqueuedRequestsHardLimit { get; set; }
}
