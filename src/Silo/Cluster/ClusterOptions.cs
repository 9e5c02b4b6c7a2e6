namespace SmartCity.Silo;

/// <summary>The cluster that this process belongs to. Configuration section <c>Cluster</c>; only <c>-p:Stack=Orleans</c> has clusters.</summary>
public sealed class ClusterOptions
{
    /// <summary>Default <see cref="ClusterMode.Localhost"/>: all in this process.</summary>
    public ClusterMode Mode { get; set; }

    /// <summary>What this process does in the cluster. Default <see cref="ClusterRole.All"/>.</summary>
    public ClusterRole Role { get; set; }

    /// <summary>The PostgreSQL database of a cluster: who is in it, and everything that is stored. Such as <c>Host=db;Database=city;Username=city;Password=…</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Address under which other processes of the cluster reach this one. Default 127.0.0.1.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Processes with the same id form a cluster. Default <c>smartcity</c>.</summary>
    public string Id { get; set; } = "smartcity";

    /// <summary>Names what outlives a cluster, such as the stored state of grains. Default <c>smartcity</c>.</summary>
    public string ServiceId { get; set; } = "smartcity";

    /// <summary>Port on which hosts of the cluster reach this one. 0: a free one. Default 0.</summary>
    public int SiloPort { get; set; }

    /// <summary>Port on which gateways reach this host. 0: a free one. Default 0.</summary>
    public int GatewayPort { get; set; }

    /// <summary>True when several processes share a store.</summary>
    public bool IsShared => Mode == ClusterMode.AdoNet;

    /// <summary>True when this process takes messages.</summary>
    public bool HasGateway => Role != ClusterRole.Silo;

    /// <summary>True when this process hosts grains.</summary>
    public bool HasGrains => Role != ClusterRole.Gateway;

    /// <summary>Says what is wrong with the options, and what would be right; null when nothing is.</summary>
    public string? Validate() => this switch
    {
        { Mode: ClusterMode.AdoNet, ConnectionString: null or "" } =>
            "Cluster:ConnectionString is empty; write the PostgreSQL database of the cluster, such as Host=127.0.0.1;Database=city;Username=city.",
        { Mode: ClusterMode.Localhost, Role: not ClusterRole.All } => $"Cluster:Role is {Role}; a process alone does everything. Set Cluster:Mode=AdoNet.",
        _ when !System.Net.IPAddress.TryParse(Address, out _) => $"Cluster:Address is '{Address}'; write an IP address of this machine, such as 127.0.0.1.",
        { Id.Length: 0 } => "Cluster:Id is empty; write a name that all processes of the cluster share.",
        { ServiceId.Length: 0 } => "Cluster:ServiceId is empty; write a name that all processes of the cluster share.",
        { SiloPort: < 0 or > 65_535 } => $"Cluster:SiloPort is {SiloPort}; write a port number from 1 to 65535, or 0 for a free one.",
        { GatewayPort: < 0 or > 65_535 } => $"Cluster:GatewayPort is {GatewayPort}; write a port number from 1 to 65535, or 0 for a free one.",
        _ => null,
    };
}
