using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>What the grain host logs.</summary>
internal sealed partial class RuntimeLog(ILogger logger)
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(2001, LogLevel.Error, "{Grain} threw outside any call.")]
    public partial void Unobserved(Exception exception, Activation grain);

    [LoggerMessage(2002, LogLevel.Warning, "{Grain} failed while it was deactivated; it has left the memory all the same.")]
    public partial void DeactivationFailed(Exception exception, Activation grain);

    [LoggerMessage(2003, LogLevel.Warning, "The one-way call {Method} on {Grain} failed; its caller does not know.")]
    public partial void OneWayFailed(Exception exception, string method, Activation grain);

    [LoggerMessage(2004, LogLevel.Error, "A timer of {Grain} failed; it goes on.")]
    public partial void TimerFailed(Exception exception, Activation grain);

    [LoggerMessage(2005, LogLevel.Warning, "{Grain} refuses calls: {Limit} wait already (SiloMessagingOptions.MaxEnqueuedRequestsHardLimit). Refused so far: {Refused}.")]
    public partial void Refused(Activation grain, int limit, long refused);

    [LoggerMessage(2006, LogLevel.Error, "Shard {Shard} has been in one turn for {Seconds} s: {Turn}. Its grain blocks its thread, and all other grains of the shard wait; await instead.")]
    public partial void Stuck(int shard, long seconds, string turn);

    [LoggerMessage(2007, LogLevel.Warning, "Memory in use is {Percent} % (limit {Limit} %): grains idle for {Seconds} s and more are deactivated.")]
    public partial void Shedding(int percent, int limit, long seconds);

    [LoggerMessage(2008, LogLevel.Warning, "The host stops with {Count} grains still active: they were not idle in time.")]
    public partial void NotDrained(long count);

    [LoggerMessage(2009, LogLevel.Error, "The upkeep of the grain host failed; it goes on.")]
    public partial void UpkeepFailed(Exception exception);

    [LoggerMessage(2010, LogLevel.Error, "What a timer of {Grain} had registered with its token failed; the timer is stopped all the same.")]
    public partial void TimerStopFailed(Exception exception, Activation grain);
}
