using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>
/// Every process commits for itself, and none can stop the others: while readings are on their way to the store, a sum over hosts and store may be
/// off by what moved in between. At rest it is exact.
/// </summary>
internal sealed class ClusterCommitState(GatewayCommitter committer, ClusterHosts hosts, IGrainFactory grains) : ICommitState
{
    public bool HasUnfinishedCommit => committer.HasUnfinishedCommit;

    public bool IsExact => false;

    public IReadOnlyList<DeadLetter> PendingDeadLetters => [];

    public Task<T> BetweenTicksAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken) => committer.BetweenTicksAsync(read, cancellationToken);

    public async Task<IReadOnlyList<BufferedOfDevice>> BufferedAsync(string? device)
    {
        var answers = await Task.WhenAll((await hosts.ListAsync()).Select(host => grains.GetGrain<IHostGrain>(host).GetBuffered(device).AsTask()));
        return [.. answers.SelectMany(a => a)];
    }
}
