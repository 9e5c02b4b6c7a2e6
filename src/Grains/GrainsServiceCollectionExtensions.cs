using Microsoft.Extensions.DependencyInjection;

namespace SmartCity.Grains;

/// <summary>Adds what the grains need. The host adds the store, the live feed, the registry and the commit participants.</summary>
public static class GrainsServiceCollectionExtensions
{
    /// <summary>The same for a host of a cluster: it commits for itself, to a store that it shares with others.</summary>
    public static IServiceCollection AddSmartCityClusterGrains(this IServiceCollection services, WindowOptions options) => services
        .AddSingleton(options)
        .AddSingleton(Geography.Default)
        .AddSingleton(new CommitBuffer { KeepsDeltas = true })
        .AddSingleton<WindowSchedule>()
        .AddSingleton<MetricNames>()
        .AddSingleton<DeviceServices>()
        .AddSingleton<IDeviceRegistry, SharedRegistry>()
        .AddSingleton<HostCommitter>()
        .AddHostedService(provider => provider.GetRequiredService<HostCommitter>());

    public static IServiceCollection AddSmartCityGrains(this IServiceCollection services, WindowOptions options) => services
        .AddSingleton(options)
        .AddSingleton(Geography.Default)
        .AddSingleton<CommitBuffer>()
        .AddSingleton<WindowSchedule>()
        .AddSingleton<MetricNames>()
        .AddSingleton(new GrainHostName(Guid.NewGuid().ToString("N"))) // a host of a cluster has another one
        .AddSingleton<DeviceServices>()
        .AddSingleton<WindowCloser>()
        .AddHostedService(provider => provider.GetRequiredService<WindowCloser>());
}
