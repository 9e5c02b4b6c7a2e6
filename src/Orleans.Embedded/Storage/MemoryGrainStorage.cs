using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>Keeps states for as long as the process runs, as JSON: what a grain does to its state afterwards does not reach it.</summary>
internal sealed class MemoryGrainStorage : IGrainStorage
{
    // As Orleans keeps states: public fields too, and numbers that are none.
    private static readonly JsonSerializerOptions s_json = new() { IncludeFields = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly ConcurrentDictionary<(string, GrainId), (long Version, byte[] Json)> _states = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        _states.TryGetValue((stateName, grainId), out var stored);
        grainState.RecordExists = stored.Json is not null;
        grainState.ETag = stored.Version == 0 ? null : Text(stored.Version);
        grainState.State = stored.Json is null ? default! : JsonSerializer.Deserialize<T>(stored.Json, s_json)!;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        grainState.ETag = Replace(stateName, grainId, grainState.ETag, JsonSerializer.SerializeToUtf8Bytes(grainState.State, s_json));
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        // Forgotten wholly: the next state begins without a version.
        if (_states.TryGetValue((stateName, grainId), out var stored))
        {
            _ = Check(stateName, grainId, stored.Version, grainState.ETag);
            if (!_states.TryRemove(new((stateName, grainId), stored))) throw Conflict(stateName, grainId, "another", grainState.ETag);
        }

        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static InconsistentStateException Conflict(string stateName, GrainId grainId, string? stored, string? ours) =>
        new($"The state '{stateName}' of {grainId} was written by somebody else.", stored, ours);

    private static long Check(string stateName, GrainId grainId, long stored, string? ours) => (stored == 0 ? null : Text(stored)) == ours
        ? stored + 1
        : throw Conflict(stateName, grainId, stored == 0 ? null : Text(stored), ours);

    private string Replace(string stateName, GrainId grainId, string? etag, byte[] json) => Text(_states.AddOrUpdate(
        (stateName, grainId),
        _ => (Check(stateName, grainId, 0, etag), json),
        (_, stored) => (Check(stateName, grainId, stored.Version, etag), json)).Version);
}
