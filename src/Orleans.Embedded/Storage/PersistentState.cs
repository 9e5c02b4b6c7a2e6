using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>One state of one activation.</summary>
internal sealed class PersistentState<TState> : IPersistentState<TState>, IGrainState<TState>, IActivationState
{
    private readonly IGrainStorage _storage;
    private readonly string _name;
    private readonly GrainId _grain;

    public PersistentState(IGrainStorage storage, string name, GrainId grain)
    {
        (_storage, _name, _grain) = (storage, name, grain);
        State = New();
    }

    public TState State { get; set; }

    public string? Etag => ETag;

    public string? ETag { get; set; }

    public bool RecordExists { get; set; }

    public async Task ReadStateAsync()
    {
        await _storage.ReadStateAsync(_name, _grain, this);
        State ??= New();
    }

    public Task WriteStateAsync() => _storage.WriteStateAsync(_name, _grain, this);

    public async Task ClearStateAsync()
    {
        await _storage.ClearStateAsync(_name, _grain, this);
        State = New();
    }

    public Task ReadAsync() => ReadStateAsync();

    private static TState New() => typeof(TState).IsValueType || typeof(TState).GetConstructor([]) is null ? default! : Activator.CreateInstance<TState>();
}
