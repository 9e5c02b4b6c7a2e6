using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>Adds the way from a PUBLISH to the grains.</summary>
public static class GatewayServiceCollectionExtensions
{
    /// <param name="windowSeconds">Size of a window, so that accepted readings are counted in the hour in which they are stored.</param>
    /// <param name="bridge">A broker to read from as well; null, or one without an address, for none.</param>
    /// <param name="commitsGrains">True when the grains of this process commit what the gateway has counted; false when it commits for itself.</param>
    public static IServiceCollection AddSmartCityGateway(
        this IServiceCollection services, GatewayOptions gateway, IntakeOptions intake, int windowSeconds, BridgeOptions? bridge = null, bool commitsGrains = true) => services
        .AddSingleton(gateway)
        .AddSingleton(intake)
        .AddSingleton<DeviceTable>()
        .AddSingleton<IntakeLog>()
        .AddSingleton(provider => new IngestPump(
            provider.GetRequiredService<IntakeLog>(),
            provider.GetRequiredService<DeviceTable>(),
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<Geography>(),
            gateway,
            windowSeconds,
            provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<ILogger<IngestPump>>())
        {
            Live = commitsGrains ? null : provider.GetService<ILiveFeed>(),
        })
        .AddCommits(commitsGrains)
        .AddSingleton<MappingService>()
        .AddSingleton<DeadLetterReplay>()
        .AddSingleton<OverviewSampler>()
        .AddSingleton<IPublishHandler, GatewayPublishHandler>()
        .AddHostedService<GatewayService>()
        .AddBridge(bridge);

    private static IServiceCollection AddCommits(this IServiceCollection services, bool commitsGrains) => !commitsGrains ? services : services
        .AddSingleton<IDeviceRegistry>(provider => provider.GetRequiredService<DeviceTable>())
        .AddSingleton<ICommitParticipant>(provider => provider.GetRequiredService<IngestPump>());

    /// <summary>Behind the gateway's own service: it needs the log open, and stops before it closes.</summary>
    private static IServiceCollection AddBridge(this IServiceCollection services, BridgeOptions? bridge) => bridge?.Url is null ? services : services
        .AddSingleton(bridge)
        .AddBrokerClient()
        .AddHostedService<BridgeService>();
}
