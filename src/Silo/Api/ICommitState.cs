namespace SmartCity.Silo;

/// <summary>What the API asks of whoever commits: one part of this process, or each process of a cluster for itself.</summary>
internal interface ICommitState
{
    /// <summary>True while a commit that the store refused waits to be repeated.</summary>
    bool HasUnfinishedCommit { get; }

    /// <summary>True when a sum over grains and store cannot be disturbed by a commit.</summary>
    bool IsExact { get; }

    /// <summary>Dead letters of grains of this process that no commit holds yet.</summary>
    IReadOnlyList<DeadLetter> PendingDeadLetters { get; }

    /// <summary>Runs <paramref name="read"/> while this process moves nothing to the store.</summary>
    Task<T> BetweenTicksAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken);

    /// <summary>What grains hold and no commit has, of one device or (null) of all.</summary>
    Task<IReadOnlyList<BufferedOfDevice>> BufferedAsync(string? device);
}
