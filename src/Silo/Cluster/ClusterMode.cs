namespace SmartCity.Silo;

/// <summary>How grain hosts find each other.</summary>
public enum ClusterMode
{
    /// <summary>One host, in this process.</summary>
    Localhost,

    /// <summary>Several hosts that meet in a PostgreSQL database.</summary>
    AdoNet,
}
