namespace SmartCity.Contracts;

/// <summary>A part that has something to store with the next commit besides the grains' windows: the gateway.</summary>
public interface ICommitParticipant
{
    /// <summary>Position through which every reading is in a grain; read before the grains are asked what they hold.</summary>
    long AppliedThrough { get; }

    /// <summary>Adds what it has.</summary>
    /// <returns>Position through which everything of its own is in this or an earlier commit.</returns>
    long Contribute(StoreCommit commit);

    /// <summary>A commit with a checkpoint is durable: nothing at or before it will be replayed.</summary>
    void Committed(long checkpoint);

    /// <summary>The store has refused commits for so long that no more readings should be brought to the grains (true), or takes them again (false).</summary>
    void OnStoreFailing(bool failing)
    {
    }
}
