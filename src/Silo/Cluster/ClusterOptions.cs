namespace SmartCity.Silo;

/// <summary>The cluster that this process belongs to. Configuration section <c>Cluster</c>; only <c>-p:Stack=Orleans</c> has clusters.</summary>
public sealed class ClusterOptions
{
    /// <summary>Default <see cref="ClusterMode.Localhost"/>: all in this process.</summary>
    public ClusterMode Mode { get; set; }

    /// <summary>Processes with the same id form a cluster. Default <c>smartcity</c>.</summary>
    public string Id { get; set; } = "smartcity";

    /// <summary>Names what outlives a cluster, such as the stored state of grains. Default <c>smartcity</c>.</summary>
    public string ServiceId { get; set; } = "smartcity";

    /// <summary>Port on which hosts of the cluster reach this one. 0: a free one. Default 0.</summary>
    public int SiloPort { get; set; }

    /// <summary>Port on which gateways reach this host. 0: a free one. Default 0.</summary>
    public int GatewayPort { get; set; }

    /// <summary>Says what is wrong with the options, and what would be right; null when nothing is.</summary>
    public string? Validate() => this switch
    {
        { Id.Length: 0 } => "Cluster:Id is empty; write a name that all processes of the cluster share.",
        { ServiceId.Length: 0 } => "Cluster:ServiceId is empty; write a name that all processes of the cluster share.",
        { SiloPort: < 0 or > 65_535 } => $"Cluster:SiloPort is {SiloPort}; write a port number from 1 to 65535, or 0 for a free one.",
        { GatewayPort: < 0 or > 65_535 } => $"Cluster:GatewayPort is {GatewayPort}; write a port number from 1 to 65535, or 0 for a free one.",
        _ => null,
    };
}
