namespace Orleans.Runtime;

/// <summary>A state of a grain that a storage keeps.</summary>
public interface IPersistentState<TState>
{
    /// <summary>The value in memory. Nothing is kept before <see cref="WriteStateAsync"/>.</summary>
    TState State { get; set; }

    /// <summary>What the storage calls this version of the state; null when it has none.</summary>
    string? Etag { get; }

    /// <summary>True when the storage has the state.</summary>
    bool RecordExists { get; }

    /// <summary>Replaces the value in memory by what the storage has.</summary>
    Task ReadStateAsync();

    /// <exception cref="Storage.InconsistentStateException">Somebody else wrote it since it was read.</exception>
    Task WriteStateAsync();

    /// <exception cref="Storage.InconsistentStateException">Somebody else wrote it since it was read.</exception>
    Task ClearStateAsync();
}
