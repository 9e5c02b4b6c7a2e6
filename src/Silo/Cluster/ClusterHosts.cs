namespace SmartCity.Silo;

/// <summary>The hosts of grains of the cluster, by name.</summary>
internal sealed class ClusterHosts(Func<Task<IReadOnlyList<string>>> list)
{
    public Task<IReadOnlyList<string>> ListAsync() => list();
}
