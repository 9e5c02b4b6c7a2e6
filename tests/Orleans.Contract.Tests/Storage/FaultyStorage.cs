using Orleans.Storage;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Fails every second write before it reaches the store behind.</summary>
public sealed class FaultyStorage(IGrainStorage behind) : IGrainStorage
{
    private int _writes;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => behind.ReadStateAsync(stateName, grainId, grainState);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Interlocked.Increment(ref _writes) % 2 == 0
        ? behind.WriteStateAsync(stateName, grainId, grainState)
        : Task.FromException(new IOException("the disk is full"));

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => behind.ClearStateAsync(stateName, grainId, grainState);
}
