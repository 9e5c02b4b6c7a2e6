using System.Collections.Concurrent;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>The scenes of all grains of one silo, by the grain's key; injected into the grains.</summary>
public sealed class Stage
{
    private readonly ConcurrentDictionary<string, Scene> _scenes = new();

    public Scene Of(string key) => _scenes.GetOrAdd(key, static k => new Scene(k));

    /// <summary>The scene of the grain itself.</summary>
    public Scene Of(Grain grain) => Of(grain.GetPrimaryKeyString());

    /// <summary>Opens the gates of all scenes.</summary>
    public void OpenAll()
    {
        foreach (var scene in _scenes.Values) scene.OpenAll();
    }
}
