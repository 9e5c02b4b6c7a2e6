namespace SmartCity.Grains;

/// <summary>What every device grain needs, in one object: a million grains then hold one reference each.</summary>
public sealed class DeviceServices(
    ITelemetryStore store, CommitBuffer commits, WindowSchedule schedule, ILiveFeed live, IDeviceRegistry registry, WindowOptions options, TimeProvider clock)
{
    public ITelemetryStore Store { get; } = store;

    public CommitBuffer Commits { get; } = commits;

    public WindowSchedule Schedule { get; } = schedule;

    public ILiveFeed Live { get; } = live;

    public IDeviceRegistry Registry { get; } = registry;

    public TimeProvider Clock { get; } = clock;

    public long WindowMs { get; } = options.Seconds * 1000L;

    public long LatenessMs { get; } = options.LatenessSeconds * 1000L;

    public long GraceMs { get; } = options.GraceSeconds * 1000L;

    public long SpreadMs { get; } = options.SpreadSeconds * 1000L;

    public int MaxMetrics { get; } = options.MaxMetricsPerDevice;

    public long NowMs => Clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Start of the window that holds an instant.</summary>
    public long StartOf(long eventMs)
    {
        var remainder = eventMs % WindowMs;
        return eventMs - (remainder < 0 ? remainder + WindowMs : remainder);
    }
}
