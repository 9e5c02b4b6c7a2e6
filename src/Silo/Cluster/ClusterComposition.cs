using SmartCity.Gateway;
using SmartCity.Grains;
using SmartCity.Storage;

namespace SmartCity.Silo;

/// <summary>What a process of a cluster is made of, beyond what every process has.</summary>
internal static class ClusterComposition
{
    /// <summary>The shared store, and the parts of the process' role.</summary>
    public static void AddClusterParts(this WebApplicationBuilder builder, SiloOptions options)
    {
        var (services, cluster) = (builder.Services, options.Cluster);
        services.AddSmartCitySharedStorage(new()
        {
            ConnectionString = cluster.ConnectionString!,
            GatewayName = cluster.HasGateway ? GatewayName.Of(options.DataFolder) : null,
            Settings = ClusterSettings.Of(options),
            Influx = options.Influx,
        });
        services.AddHostedService<StoreOpener>(); // before the grain host, which starts in the order of registration
        builder.AddGrainHost(options);
        if (cluster.HasGrains) services.AddSmartCityClusterGrains(options.Window);
        else services.AddSingleton(Geography.Default);
        if (!cluster.HasGateway)
        {
            services.AddSingleton<ILiveFeed, NoLiveFeed>();
            return;
        }

        services
            .AddSmartCityGateway(options.Gateway, options.Intake, options.Window.Seconds, options.Broker, commitsGrains: false)
            .AddSingleton<GatewayCommitter>()
            .AddSingleton<ICommitState, ClusterCommitState>()
            .AddHostedService(provider => provider.GetRequiredService<GatewayCommitter>());
    }

    /// <summary>What answers on a host of grains alone: health and metrics.</summary>
    public static void MapHostHealth(this WebApplication app)
    {
        app.MapGet("/healthz/live", () => new HealthApi.Health("live", null));
        app.MapGet("/healthz/ready", (HostCommitter committer) => committer.HasUnfinishedCommit
            ? Results.Json(new HealthApi.Health("unready", "The store refuses commits; acknowledged messages are safe in the gateways' intake logs."), statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Ok(new HealthApi.Health("ready", null)));
    }
}
