using System.Text.Json;
using Orleans.Storage;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A store whose failures and concurrent changes the tests script, by the key of the grain.</summary>
public sealed class ScriptedStorage(Stage stage) : IGrainStorage
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, string Grain), (string Json, int Etag)> _records = [];

    /// <summary>Another process writes the record of the grain.</summary>
    public void ChangeBehind(string key, string name)
    {
        lock (_lock)
        {
            var record = _records.Single(r => r.Key.Grain == key);
            _records[record.Key] = (JsonSerializer.Serialize(new Profile { Name = name }), record.Value.Etag + 1);
        }
    }

    /// <summary>The record of the grain, as text.</summary>
    public string Stored(string key)
    {
        lock (_lock) return _records.Single(r => r.Key.Grain == key).Value.Json;
    }

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await At(grainId, "read", stateName);
        lock (_lock)
        {
            grainState.RecordExists = _records.TryGetValue((stateName, KeyOf(grainId)), out var record);
            grainState.ETag = grainState.RecordExists ? record.Etag.ToString(null, null) : null;
            grainState.State = grainState.RecordExists ? JsonSerializer.Deserialize<T>(record.Json)! : Activator.CreateInstance<T>();
        }
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await At(grainId, "write", stateName);
        lock (_lock)
        {
            var etag = Check(stateName, grainId, grainState) + 1;
            _records[(stateName, KeyOf(grainId))] = (JsonSerializer.Serialize(grainState.State), etag);
            (grainState.ETag, grainState.RecordExists) = (etag.ToString(null, null), true);
        }
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await At(grainId, "clear", stateName);
        lock (_lock)
        {
            Check(stateName, grainId, grainState);
            _records.Remove((stateName, KeyOf(grainId)));
            (grainState.ETag, grainState.RecordExists, grainState.State) = (null, false, Activator.CreateInstance<T>());
        }
    }

    private static string KeyOf(GrainId grainId) => grainId.ToString().Split('/', 2)[1];

    private async Task At(GrainId grainId, string what, string stateName)
    {
        var scene = stage.Of(KeyOf(grainId));
        scene.Note($"store {what} {stateName}");
        await scene.Pass($"store {what}");
        scene.ThrowIfScripted($"store {what}");
        await Task.Run(static () => { }); // comes back on a thread of the pool, as a real store does
    }

    private int Check<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var stored = _records.TryGetValue((stateName, KeyOf(grainId)), out var record) ? record.Etag.ToString(null, null) : null;
        if (stored != grainState.ETag) throw new InconsistentStateException("Somebody else has written the record.", stored, grainState.ETag);
        return record.Etag;
    }
}
