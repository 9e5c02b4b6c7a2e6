using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Registers this part with the host.</summary>
public static class StorageServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="ITelemetryStore"/>, the hosted service that rolls windows up and, when <c>Influx:Url</c> is set, the hosted service that sends the outbox and its
    /// <see cref="InfluxOutboxStatus"/>. An <see cref="ILineProtocolClient"/> that is registered already is used instead of ours.
    /// The host opens the store with <see cref="ITelemetryStore.OpenAsync"/>; sending begins then.
    /// </summary>
    /// <exception cref="ArgumentException">An option cannot be used; the message says what to write instead.</exception>
    public static IServiceCollection AddSmartCityStorage(this IServiceCollection services, StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new SqliteStore(options, provider.GetService<ILogger<SqliteStore>>()));
        services.AddSingleton<ITelemetryStore>(provider => provider.GetRequiredService<SqliteStore>());
        services.AddSingleton<IHostedService>(provider => new RollupService(
            provider.GetRequiredService<SqliteStore>(), provider.GetRequiredService<TimeProvider>(), provider.GetService<ILogger<RollupService>>()));
        if (options.Influx is not { Enabled: true } influx) return services;
        services.AddOutboxPump(influx, provider => provider.GetRequiredService<SqliteStore>().Outbox);
        if (influx.ReadsHistory)
        {
            services.AddSingleton(provider => new InfluxHistory(
                influx,
                provider.GetRequiredService<SqliteStore>().Outbox,
                provider.GetRequiredService<InfluxOutboxStatus>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetService<ILogger<InfluxHistory>>()));
            services.AddSingleton<ISeriesHistory>(provider => provider.GetRequiredService<InfluxHistory>());
            if (options.Raw.InInflux) services.AddSingleton<IReadingHistory>(provider => provider.GetRequiredService<InfluxHistory>());
        }

        return services;
    }

    /// <summary>The same with a store that several processes share: each registers the pump, and one of them at a time sends.</summary>
    /// <exception cref="ArgumentException">An option cannot be used; the message says what to write instead.</exception>
    public static IServiceCollection AddSmartCitySharedStorage(this IServiceCollection services, PostgresOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        options.Influx?.Validate();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new PostgresStore(options, provider.GetService<ILogger<PostgresStore>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ITelemetryStore>(provider => provider.GetRequiredService<PostgresStore>());
        return options.Influx is { Enabled: true } influx ? services.AddOutboxPump(influx, provider => provider.GetRequiredService<PostgresStore>().Outbox!) : services;
    }

    private static IServiceCollection AddOutboxPump(this IServiceCollection services, InfluxOptions influx, Func<IServiceProvider, IOutbox> outbox)
    {
        services.TryAddSingleton<ILineProtocolClient>(provider =>
            LineProtocolClients.Create(influx, provider.GetRequiredService<TimeProvider>(), provider.GetService<ILogger<InfluxWriter>>()));
        services.AddSingleton(provider => new InfluxOutboxStatus(outbox(provider)));
        services.AddSingleton<IHostedService>(provider => new InfluxOutboxPump(
            outbox(provider),
            provider.GetRequiredService<ILineProtocolClient>(),
            influx,
            provider.GetRequiredService<InfluxOutboxStatus>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<InfluxOutboxPump>>()));
        return services;
    }
}
