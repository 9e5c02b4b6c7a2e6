using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;
using Orleans.Hosting;

namespace SmartCity.Silo;

/// <summary>Hosts the grains on Microsoft Orleans.</summary>
internal static class GrainHost
{
    private const int Partitions = 32; // the same in every process of a cluster

    // A grain whose store is away makes its messages wait, as long as that takes: given up, they would count as rejected and then be taken all the same.
    private static readonly TimeSpan s_patience = TimeSpan.FromDays(7);

    /// <summary>Says which option this build cannot do; null when it can do all.</summary>
    public static string? Check(ClusterOptions cluster) => cluster.Mode == ClusterMode.Localhost ? null : $"Cluster:Mode is {cluster.Mode}; write Localhost.";

    public static void AddGrainHost(this WebApplicationBuilder builder, SiloOptions options)
    {
        // Orleans tells much of its own start at Information; what matters to an operator is said by us.
        builder.Logging.AddFilter("Orleans", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning).AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
        // A call may overtake another while its grain is being activated, so a device's messages must not be calls of their own.
        options.Gateway.Partitions = Partitions;
        builder.UseOrleans(silo =>
        {
            var cluster = options.Cluster;
            silo.UseLocalhostClustering(PortOr(cluster.SiloPort), PortOr(cluster.GatewayPort), null, cluster.ServiceId, cluster.Id);
            silo.Services.Configure<SiloMessagingOptions>(o => (o.ResponseTimeout, o.MaxRequestProcessingTime) = (s_patience, s_patience * 2));
            silo.Services.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = s_patience);
            silo.Services.Configure<GrainCollectionOptions>(o =>
            {
                o.ActivationTimeout = s_patience;
                // A grain with an open window must not be collected: the window is only in its memory, and nobody would ask for it again.
                o.CollectionAge = TimeSpan.FromSeconds((2 * options.Window.Seconds) + options.Window.GraceSeconds + options.Window.SpreadSeconds) + TimeSpan.FromHours(1);
            });
        });
    }

    private static int PortOr(int port)
    {
        if (port > 0) return port;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
