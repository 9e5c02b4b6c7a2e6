using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds the grain host to an application.</summary>
public static class OrleansSiloHostingExtensions
{
    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder, Action<ISiloBuilder>? configureDelegate = null)
    {
        ArgumentNullException.ThrowIfNull(hostAppBuilder);
        hostAppBuilder.Services.AddOrleans(siloBuilder => configureDelegate?.Invoke(siloBuilder), hostAppBuilder.Configuration);
        return hostAppBuilder;
    }

    private static void AddOrleans(this IServiceCollection services, Action<ISiloBuilder> configure, IConfiguration configuration)
    {
        services.AddMetrics();
        services.TryAddSingleton<GrainRuntime>();
        services.TryAddSingleton<IGrainFactory>(s => s.GetRequiredService<GrainRuntime>());
        configure(new SiloBuilder(services, configuration));
    }

    private sealed class SiloBuilder(IServiceCollection services, IConfiguration configuration) : ISiloBuilder
    {
        public IServiceCollection Services { get; } = services;

        public IConfiguration Configuration { get; } = configuration;
    }
}
