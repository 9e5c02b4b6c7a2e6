namespace SmartCity.Gateway;

/// <summary>Messages of one committed batch that are on their way to grains.</summary>
internal sealed class PendingBatch
{
    /// <summary>Calls under way, plus one while the batch is still being decoded.</summary>
    public int Remaining;

    /// <summary>Newest record of the batch.</summary>
    public long LastSequence { get; init; }
}
