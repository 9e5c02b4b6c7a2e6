namespace SmartCity.Silo;

/// <summary>What a process of a cluster does.</summary>
public enum ClusterRole
{
    /// <summary>Takes messages, hosts grains, answers the API.</summary>
    All,

    /// <summary>Hosts grains.</summary>
    Silo,

    /// <summary>Takes messages into an intake log of its own and answers the API.</summary>
    Gateway,
}
