using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>A storage of grain states, registered under its name as a keyed service.</summary>
public interface IGrainStorage
{
    Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <exception cref="InconsistentStateException">The stored version is not the one in <see cref="IGrainState{T}.ETag"/>.</exception>
    Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <exception cref="InconsistentStateException">The stored version is not the one in <see cref="IGrainState{T}.ETag"/>.</exception>
    Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
}
