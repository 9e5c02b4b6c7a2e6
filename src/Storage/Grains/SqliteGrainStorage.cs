using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// Keeps states of grains in <c>grains.db</c> of a data folder, as JSON. A write is on disk when its task ends; writes that arrive while another
/// is being committed share the next commit. The ETag is a number that no other version of any state in the file ever had.
/// </summary>
/// <remarks>The file is opened, and made, with the first state that is asked for. Safe for any thread.</remarks>
public sealed class SqliteGrainStorage : IGrainStorage, IDisposable
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = "grains.db";

    // As Orleans keeps states: public fields too, and numbers that are none.
    private static readonly JsonSerializerOptions s_json = new() { IncludeFields = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly StateQueue _queue;

    public SqliteGrainStorage(string dataFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(dataFolder);
        _queue = new StateQueue(Path.Combine(Path.GetFullPath(dataFolder), FileName));
    }

    /// <exception cref="StoreUnavailableException">The file cannot be used; the message says what to do.</exception>
    /// <exception cref="JsonException">What is stored is no <typeparamref name="T"/>.</exception>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var stored = await _queue.AddAsync(new(StateWork.Read, grainId.ToString(), stateName));
        grainState.State = stored.Json is null ? Activator.CreateInstance<T>() : JsonSerializer.Deserialize<T>(stored.Json, s_json)!;
        (grainState.ETag, grainState.RecordExists) = (stored.ETag, stored.Json is not null);
    }

    /// <exception cref="StoreUnavailableException">The file cannot be written; the message says what to do.</exception>
    /// <exception cref="InconsistentStateException">The stored version is not the one in the state's ETag; nothing was written.</exception>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var json = JsonSerializer.SerializeToUtf8Bytes(grainState.State, s_json);
        var stored = await _queue.AddAsync(new(StateWork.Write, grainId.ToString(), stateName) { ETag = grainState.ETag, Json = json });
        (grainState.ETag, grainState.RecordExists) = (stored.ETag, true);
    }

    /// <exception cref="StoreUnavailableException">The file cannot be written; the message says what to do.</exception>
    /// <exception cref="InconsistentStateException">The stored version is not the one in the state's ETag; nothing was cleared.</exception>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        await _queue.AddAsync(new(StateWork.Clear, grainId.ToString(), stateName) { ETag = grainState.ETag });
        (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
    }

    /// <summary>Ends what is waiting and closes the file.</summary>
    public void Dispose() => _queue.Dispose();
}
