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
        await Named(_storage.ReadStateAsync(_name, _grain, this), "read");
        State ??= New();
    }

    public Task WriteStateAsync() => Named(_storage.WriteStateAsync(_name, _grain, this), "written");

    public async Task ClearStateAsync()
    {
        await Named(_storage.ClearStateAsync(_name, _grain, this), "cleared");
        State = New();
    }

    public Task ReadAsync() => ReadStateAsync();

    private async Task Named(Task work, string what)
    {
        try
        {
            await work;
        }
        catch (Exception exception) when (exception is not (OrleansException or OperationCanceledException))
        {
            throw new OrleansException($"The state '{_name}' of {_grain} could not be {what} by {_storage.GetType().Name}: {exception.Message}", exception);
        }
    }

    private static TState New() => typeof(TState).IsValueType || typeof(TState).GetConstructor([]) is null ? default! : Activator.CreateInstance<TState>();
}
