using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>A state was written by somebody else since it was read.</summary>
public sealed class InconsistentStateException : OrleansException
{
    public InconsistentStateException()
    {
    }

    public InconsistentStateException(string message)
        : base(message)
    {
    }

    public InconsistentStateException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public InconsistentStateException(string message, string? storedEtag, string? currentEtag)
        : base($"{message} Stored: {storedEtag ?? "none"}; ours: {currentEtag ?? "none"}.") => (StoredEtag, CurrentEtag) = (storedEtag, currentEtag);

    /// <summary>Version that the storage has.</summary>
    public string? StoredEtag { get; }

    /// <summary>Version that was to be replaced.</summary>
    public string? CurrentEtag { get; }
}
