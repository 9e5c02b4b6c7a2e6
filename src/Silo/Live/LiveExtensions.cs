namespace SmartCity.Silo;

/// <summary>Adds the live hub.</summary>
internal static class LiveExtensions
{
    public static IServiceCollection AddSmartCityLive(this IServiceCollection services)
    {
        services.AddSignalR();
        return services
            .AddSingleton<LiveFeed>()
            .AddSingleton<LiveSubscribers>()
            .AddSingleton<ILiveFeed>(provider => provider.GetRequiredService<LiveFeed>())
            .AddHostedService<LiveBroadcaster>();
    }

    public static void MapSmartCityLive(this WebApplication app) => app.MapHub<LiveHub>("/live");
}
