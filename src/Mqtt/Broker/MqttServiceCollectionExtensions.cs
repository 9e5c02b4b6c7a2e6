using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace SmartCity.Mqtt;

/// <summary>Registration of the broker.</summary>
public static class MqttServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="MqttBroker"/> and <see cref="MqttConnectionHandler"/>. The broker uses the registered <see cref="IPublishHandler"/>,
    /// <see cref="IMqttAuthorizer"/>, <see cref="TimeProvider"/> and <see cref="IMeterFactory"/>, each optional.
    /// </summary>
    public static IServiceCollection AddMqttBroker(this IServiceCollection services, Action<MqttLimits>? configure = null)
    {
        var limits = new MqttLimits();
        configure?.Invoke(limits);
        limits.Validate();
        services.TryAddSingleton(limits);
        services.TryAddSingleton(provider => new MqttMetrics(provider.GetService<IMeterFactory>()));
        services.TryAddSingleton(provider => new MqttBroker(
            provider.GetService<IPublishHandler>(),
            provider.GetService<IMqttAuthorizer>(),
            provider.GetRequiredService<MqttLimits>(),
            provider.GetService<TimeProvider>(),
            provider.GetService<ILogger<MqttBroker>>(),
            provider.GetRequiredService<MqttMetrics>()));
        services.TryAddSingleton<MqttConnectionHandler>();
        services.TryAddSingleton<MqttWebSocketOptions>();
        services.TryAddSingleton<MqttWebSocketHandler>();
        return services;
    }
}
