using System.Data.Common;
using Microsoft.Extensions.Logging;

namespace SmartCity.Grains;

/// <summary>What every device grain needs, in one object: a million grains then hold one reference each.</summary>
public sealed partial class DeviceServices(
    ITelemetryStore store, CommitBuffer commits, WindowSchedule schedule, ILiveFeed live, IDeviceRegistry registry, WindowOptions options, TimeProvider clock,
    GrainHostName host, MetricNames names, ILogger<DeviceServices> logger)
{
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(1);
    private readonly ILogger _logger = logger;

    public ITelemetryStore Store { get; } = store;

    public CommitBuffer Commits { get; } = commits;

    public WindowSchedule Schedule { get; } = schedule;

    public ILiveFeed Live { get; } = live;

    public IDeviceRegistry Registry { get; } = registry;

    public TimeProvider Clock { get; } = clock;

    public GrainHostName Host { get; } = host;

    public MetricNames Names { get; } = names;

    public MetricForms Forms { get; } = new(options);

    public long WindowMs { get; } = options.Seconds * 1000L;

    public long LatenessMs { get; } = options.LatenessSeconds * 1000L;

    public long GraceMs { get; } = options.GraceSeconds * 1000L;

    public long SpreadMs { get; } = options.SpreadSeconds * 1000L;

    public int MaxMetrics { get; } = options.MaxMetricsPerDevice;

    /// <summary>See <see cref="WindowOptions.ReadingsPerBlock"/>; 0: readings are not kept.</summary>
    public int ReadingsPerBlock { get; } = options.ReadingsPerBlock;

    public bool KeepsReadings => ReadingsPerBlock > 0;

    public long NowMs => Clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Start of the window that holds an instant.</summary>
    public long StartOf(long eventMs)
    {
        var remainder = eventMs % WindowMs;
        return eventMs - (remainder < 0 ? remainder + WindowMs : remainder);
    }

    /// <summary>Reads from the store, again and again while it cannot be reached: the readings that wait are acknowledged, so they must not be lost.</summary>
    internal async ValueTask<T> LoadAsync<T>(Func<ValueTask<T>> load)
    {
        while (true)
        {
            try
            {
                return await load();
            }
            catch (Exception exception) when (exception is StoreUnavailableException or IOException or DbException or TimeoutException)
            {
                LogStoreAway(exception);
            }

            await Task.Delay(s_retryDelay, Clock);
        }
    }

    [LoggerMessage(4003, LogLevel.Error, "The store could not be read; the device's messages wait.")]
    private partial void LogStoreAway(Exception exception);
}
