using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>Adds access control to the broker.</summary>
public static class AccessServiceCollectionExtensions
{
    /// <param name="dataFolder">Where the audit log is.</param>
    public static IServiceCollection AddSmartCityAccess(this IServiceCollection services, AccessOptions options, string dataFolder, AccessStoreOpener open)
    {
        if (options.Jwt.IsOn) services.AddSingleton(options.Jwt).AddSingleton<TokenKeys>().AddSingleton<TokenLogin>();
        return AddCore(services, options, dataFolder, open);
    }

    private static IServiceCollection AddCore(IServiceCollection services, AccessOptions options, string dataFolder, AccessStoreOpener open) => services
        .AddSingleton(options)
        .AddSingleton(open)
        .AddSingleton<LoginThrottle>()
        .AddSingleton<VerifiedCache>()
        .AddSingleton<PasswordLogin>()
        .AddSingleton<AccessMetrics>()
        .AddSingleton(provider => new AuditLog(dataFolder, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<AuditLog>>()))
        .AddSingleton<AccessAuthorizer>()
        .AddSingleton<IMqttAuthorizer>(provider => provider.GetRequiredService<AccessAuthorizer>())
        .AddHostedService<AccessService>();
}
