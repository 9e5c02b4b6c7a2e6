using Microsoft.Extensions.DependencyInjection;

namespace SmartCity.Gateway;

/// <summary>The client that reads from an existing broker: <c>src/Mqtt</c>.</summary>
internal static class BrokerClients
{
    public static IServiceCollection AddBrokerClient(this IServiceCollection services) => services.AddSingleton<IBrokerClient, MqttBrokerClient>();
}
