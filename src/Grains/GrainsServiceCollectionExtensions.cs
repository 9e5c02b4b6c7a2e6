using Microsoft.Extensions.DependencyInjection;

namespace SmartCity.Grains;

/// <summary>Adds what the grains need. The host adds the store, the live feed, the registry and the commit participants.</summary>
public static class GrainsServiceCollectionExtensions
{
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
