using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
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
        services.AddMetrics().AddOptions().AddLogging();
        services.AddOptions<GrainCollectionOptions>().Validate(
            o => o.CollectionQuantum > TimeSpan.Zero && o.ClassSpecificCollectionAge.Values.Append(o.CollectionAge).All(age => age > o.CollectionQuantum),
            "GrainCollectionOptions: every collection age must be longer than CollectionQuantum, and that longer than zero.");
        services.AddOptions<SiloMessagingOptions>().Validate(
            o => o.ResponseTimeout > TimeSpan.Zero && o.MaxEnqueuedRequestsHardLimit >= 0,
            "SiloMessagingOptions: ResponseTimeout must be longer than zero, and MaxEnqueuedRequestsHardLimit not negative (0: no limit).");
        if (services.Any(s => s.ServiceType == typeof(GrainRuntime))) throw new InvalidOperationException("UseOrleans was called twice; call it once.");
        services.AddHostedService<GrainHostService>();
        services.TryAddSingleton<GrainRuntime>();
        services.TryAddSingleton(s => new GrainInsight(s.GetRequiredService<GrainRuntime>()));
        services.TryAddSingleton<IGrainFactory>(s => s.GetRequiredService<GrainRuntime>());
        configure(new SiloBuilder(services, configuration));
    }

    private sealed class SiloBuilder(IServiceCollection services, IConfiguration configuration) : ISiloBuilder
    {
        public IServiceCollection Services { get; } = services;

        public IConfiguration Configuration { get; } = configuration;
    }
}
