using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Runtime;

/// <summary>One grain interface with its class and its activations.</summary>
internal sealed class GrainTypeRuntime
{
    private readonly Func<GrainTarget, GrainReference> _createReference;
    private readonly ObjectFactory _createInstance;
    private readonly ActivationTable _activations = new();
    private readonly Func<string, Activation> _newActivation;
    private long _activated;

    public GrainTypeRuntime(GrainRuntime runtime, Type grainInterface)
    {
        Runtime = runtime;
        (_createReference, var grainClass) = GrainRegistry.Find(grainInterface);
        Name = grainClass.Name;
        _createInstance = ActivatorUtilities.CreateFactory(grainClass, []);
        _newActivation = key => new Activation(this, key, runtime.ShardOf(key));
    }

    public GrainRuntime Runtime { get; }

    /// <summary>Name of the grain class.</summary>
    public string Name { get; }

    /// <summary>Activations in memory.</summary>
    public int ActivationCount => _activations.Count;

    /// <summary>Activations that ever became ready.</summary>
    public long ActivatedTotal => Interlocked.Read(ref _activated);

    public Activation GetOrCreate(string key) => _activations.GetOrAdd(key, _newActivation);

    public GrainReference CreateReference(Activation activation) => _createReference(new GrainTarget(activation));

    public Grain CreateInstance() => (Grain)_createInstance(Runtime.Services, null);

    public void OnActivated() => Interlocked.Increment(ref _activated);

    public void Remove(Activation activation) => _activations.Remove(activation);
}
