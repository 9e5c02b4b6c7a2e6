using Orleans.Configuration;
using SmartCity.Storage;

namespace SmartCity.Silo;

/// <summary>Hosts the grains on <c>src/Orleans.Embedded</c>, in this process.</summary>
internal static class GrainHost
{
    /// <summary>Says which option needs the other build; null when none does.</summary>
    public static string? Check(ClusterOptions cluster) => cluster.Mode == ClusterMode.Localhost
        ? null : $"Cluster:Mode is {cluster.Mode}; this build runs in one process. Build with -p:Stack=Orleans for a cluster (docs/cluster.md).";

    /// <summary>True when an exception says that grains cannot be reached now. Here they are in this process.</summary>
    public static bool IsAway(Exception exception) => false;

    public static void AddGrainHost(this WebApplicationBuilder builder, SiloOptions options)
    {
        builder.Services.AddSingleton<IGrainView, EmbeddedGrainView>();
        builder.UseOrleans(silo => silo.AddSqliteGrainStorage("Default", options.DataFolder).Services
            .Configure<SiloMessagingOptions>(messaging => messaging.MaxEnqueuedRequestsHardLimit = options.MailboxLimit)
            .Configure<GrainCollectionOptions>(collection =>
            {
                // Device grains leave when the store has their windows; while it has not, they stay.
                collection.DeactivationTimeout = Timeout.InfiniteTimeSpan;
                collection.EnableActivationSheddingOnMemoryPressure = true;
            }));
    }
}
