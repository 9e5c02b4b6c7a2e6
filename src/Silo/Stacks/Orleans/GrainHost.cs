using System.Net;
using System.Net.Sockets;
using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using SmartCity.Grains;
using SmartCity.Storage;

namespace SmartCity.Silo;

/// <summary>Hosts the grains on Microsoft Orleans.</summary>
internal static class GrainHost
{
    private const int Partitions = 32; // the same in every process of a cluster
    private const string Invariant = "Npgsql";

    // Alone, no answer can be lost, and a grain whose store is away makes its messages wait as long as that takes: given up, they would count as rejected and then be taken all the same.
    private static readonly TimeSpan s_patience = TimeSpan.FromDays(7);

    // In a cluster a call that is given up is made again.
    private static readonly TimeSpan s_clusterPatience = TimeSpan.FromSeconds(8);

    /// <summary>Says which option this build cannot do; null when it can do all.</summary>
    public static string? Check(ClusterOptions cluster) => null;

    /// <summary>True when an exception says that grains cannot be reached now: their host is lost, and that is not noticed yet.</summary>
    public static bool IsAway(Exception exception) => exception is OrleansMessageRejectionException or SiloUnavailableException or GatewayTooBusyException or ClientNotAvailableException;

    /// <summary>Adds the grain host, or the client of the cluster's.</summary>
    public static void AddGrainHost(this WebApplicationBuilder builder, SiloOptions options)
    {
        builder.Services.AddSingleton<IGrainView, OrleansGrainView>();
        // Orleans tells much of its own start at Information; what matters to an operator is said by us.
        builder.Logging.AddFilter("Orleans", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning).AddFilter("Orleans.Runtime.Silo", LogLevel.Error).AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        // A call may overtake another while its grain is being activated, so a device's messages must not be calls of their own.
        options.Gateway.Partitions = Partitions;
        if (options.Cluster.IsShared) builder.AddCluster(options);
        else builder.UseOrleans(silo =>
        {
            var cluster = options.Cluster;
            silo.UseLocalhostClustering(PortOr(cluster.SiloPort), PortOr(cluster.GatewayPort), null, cluster.ServiceId, cluster.Id);
            silo.AddSqliteGrainStorage("Default", options.DataFolder);
            silo.Services.Configure<SiloMessagingOptions>(o => (o.ResponseTimeout, o.MaxRequestProcessingTime, o.MaxEnqueuedRequestsHardLimit) = (s_patience, s_patience * 2, options.MailboxLimit));
            silo.Services.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = s_patience);
            silo.Services.Configure<GrainCollectionOptions>(o => o.ActivationTimeout = s_patience);
            silo.Collect(options);
        });
    }

    private static void AddCluster(this WebApplicationBuilder builder, SiloOptions options)
    {
        var cluster = options.Cluster;
        // Times are stored as UTC; without this a server in another zone would shift them.
        var connection = new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Timezone = "UTC", MaxPoolSize = 4 }.ConnectionString;
        OrleansSchema.Ensure(connection);
        builder.Services.AddSingleton(provider => new ClusterHosts(async () =>
        {
            var hosts = await provider.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);
            return [.. hosts.Keys.Select(h => h.ToParsableString())];
        }));
        if (!cluster.HasGrains)
        {
            builder.UseOrleansClient(client =>
            {
                client.Services.Configure<Orleans.Configuration.ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (cluster.Id, cluster.ServiceId));
                client.Services.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = s_clusterPatience);
                client.Services.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5));
                client.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (Invariant, connection));
                client.UseConnectionRetryFilter(async (_, cancellationToken) =>
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken); // no host yet: the gateway comes up with the first one
                    return true;
                });
            });
            return;
        }

        builder.UseOrleans(silo =>
        {
            silo.Services.Configure<Orleans.Configuration.ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (cluster.Id, cluster.ServiceId));
            silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (Invariant, connection));
            silo.AddAdoNetGrainStorageAsDefault(o => (o.Invariant, o.ConnectionString) = (Invariant, connection));
            silo.ConfigureEndpoints(IPAddress.Parse(cluster.Address), PortOr(cluster.SiloPort), PortOr(cluster.GatewayPort));
            silo.Services.Configure<SiloMessagingOptions>(o => (o.ResponseTimeout, o.MaxEnqueuedRequestsHardLimit) = (s_clusterPatience, options.MailboxLimit));
            silo.Services.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = s_clusterPatience);
            silo.Services.Configure<ClusterMembershipOptions>(o => (o.ProbeTimeout, o.NumMissedProbesLimit, o.NumVotesForDeathDeclaration) = (TimeSpan.FromSeconds(2), 3, 2));
            silo.Services.AddSingleton<PlacementStrategy, PreferLocalPlacement>(); // a device's grain near the partition that brings its messages
            silo.Services.AddSingleton(provider => new GrainHostName(provider.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString()));
            silo.Collect(options);
        });
        builder.Services.AddHostedService<HostAnnouncer>();
    }

    private static void Collect(this ISiloBuilder silo, SiloOptions options) => silo.Services.Configure<GrainCollectionOptions>(o =>
    {
        // A grain with an open window must not be collected: the window is only in its memory, and nobody would ask for it again.
        o.CollectionAge = TimeSpan.FromSeconds((2 * options.Window.Seconds) + options.Window.GraceSeconds + options.Window.SpreadSeconds) + TimeSpan.FromHours(1);
        o.ClassSpecificCollectionAge[typeof(HostGrain).FullName!] = TimeSpan.FromDays(365);
    });

    private static int PortOr(int port)
    {
        if (port > 0) return port;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
