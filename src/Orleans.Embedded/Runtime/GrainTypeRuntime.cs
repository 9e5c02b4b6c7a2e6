using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;

namespace Orleans.Runtime;

/// <summary>One grain class and its activations.</summary>
internal sealed class GrainTypeRuntime
{
    private readonly Func<GrainTarget, GrainReference> _createReference;
    private readonly Type _class;
    private readonly ObjectFactory _createInstance;
    private readonly StateParameter[] _states;
    private readonly Func<string, Activation> _newActivation;
    private readonly int _mostWorkers;
    private readonly long[] _liveByShard;
    private long _activated;

    /// <param name="createReference">Makes the reference that activations keep: that of the interface first asked for.</param>
    public GrainTypeRuntime(GrainRuntime runtime, Type grainClass, Func<GrainTarget, GrainReference> createReference)
    {
        (Runtime, _class, _createReference) = (runtime, grainClass, createReference);
        Name = grainClass.Name;
        FullName = grainClass.FullName ?? grainClass.Name;
        HasIntegerKey = typeof(IGrainWithIntegerKey).IsAssignableFrom(grainClass);
        IsReentrant = grainClass.GetCustomAttribute<ReentrantAttribute>() is not null;
        if (grainClass.GetCustomAttribute<StatelessWorkerAttribute>() is { } worker)
            _mostWorkers = worker.MaxLocalWorkers > 0 ? worker.MaxLocalWorkers : Environment.ProcessorCount;
        _states = StateParameter.Of(grainClass);
        Activates = _states.Length > 0 || Overrides(grainClass, nameof(Grain.OnActivateAsync));
        Deactivates = Overrides(grainClass, nameof(Grain.OnDeactivateAsync));
        _createInstance = ActivatorUtilities.CreateFactory(grainClass, [.. _states.Select(s => s.Type)]);
        _newActivation = NewActivation;
        _liveByShard = new long[runtime.ShardCount];
    }

    public GrainRuntime Runtime { get; }

    /// <summary>Name of the grain class.</summary>
    public string Name { get; }

    /// <summary>Name of the grain class with its namespace.</summary>
    public string FullName { get; }

    public bool HasIntegerKey { get; }

    public bool IsReentrant { get; }

    /// <summary>True when a method of an interface in use may run beside suspended calls.</summary>
    public bool MayInterleave { get; set; }

    public bool IsStatelessWorker => _mostWorkers > 0;

    /// <summary>True when there is something to do before the first call.</summary>
    public bool Activates { get; }

    /// <summary>True when there is something to do before leaving.</summary>
    public bool Deactivates { get; }

    /// <summary>Activations in memory, also those that only a reference points to.</summary>
    public ActivationTable Activations { get; } = new();

    /// <summary>Activations that ever became ready.</summary>
    public long ActivatedTotal => Interlocked.Read(ref _activated);

    /// <summary>Activations that are ready, per shard.</summary>
    public IReadOnlyList<long> LiveByShard => _liveByShard;

    public long Live => _liveByShard.Sum();

    /// <summary>The activation under a key; for a stateless worker, the one that stands for all of them.</summary>
    public Activation GetOrCreate(string key) => Activations.GetOrAdd(key, _newActivation);

    /// <summary>The activation that takes a call.</summary>
    public Activation Resolve(string key)
    {
        var activation = GetOrCreate(key);
        return activation.Workers is { } workers ? workers.Pick() : activation;
    }

    /// <summary>True when activations keep a reference of this making.</summary>
    public bool Keeps(Func<GrainTarget, GrainReference> createReference) => ReferenceEquals(createReference, _createReference);

    public GrainId IdOf(string key) => new(FullName, key);

    public GrainReference CreateReference(Activation activation) => _createReference(new GrainTarget(activation));

    public Grain CreateInstance(Activation activation)
    {
        if (_states.Length == 0) return Construct(null);
        var states = new object[_states.Length];
        var toRead = activation.Extras.States = [];
        for (var i = 0; i < states.Length; i++)
        {
            var state = _states[i].Create(activation);
            states[i] = state;
            toRead.Add(state);
        }

        return Construct(states);
    }

    /// <summary>On the shard's thread.</summary>
    public void OnActivated(Shard shard)
    {
        Volatile.Write(ref _liveByShard[shard.Index], _liveByShard[shard.Index] + 1);
        Interlocked.Increment(ref _activated);
    }

    /// <summary>On the shard's thread.</summary>
    public void OnDeactivated(Shard shard) => Volatile.Write(ref _liveByShard[shard.Index], _liveByShard[shard.Index] - 1);

    public void Remove(Activation activation) => Activations.Remove(activation);

    private static bool Overrides(Type grainClass, string method) =>
        grainClass.GetMethods(BindingFlags.Instance | BindingFlags.Public).Any(m => m.Name == method && m.GetBaseDefinition().DeclaringType == typeof(Grain) && m.DeclaringType != typeof(Grain));

    private Grain Construct(object[]? states)
    {
        try
        {
            return (Grain)_createInstance(Runtime.Services, states);
        }
        catch (InvalidOperationException exception) when (FindMissing() is { } missing)
        {
            throw new InvalidOperationException(
                $"{Name} wants a {missing.ParameterType.Name} '{missing.Name}' in its constructor, which no service provides. Register it: services.AddSingleton<{missing.ParameterType.Name}>(…).", exception);
        }
    }

    /// <summary>The parameter of the constructor for which there is no service; null when each has one, or cannot be judged.</summary>
    private ParameterInfo? FindMissing() => Runtime.Services.GetService<IServiceProviderIsService>() is not { } known || _class.GetConstructors() is not [var constructor] ? null
        : constructor.GetParameters().FirstOrDefault(p => !p.HasDefaultValue && !p.IsDefined(typeof(PersistentStateAttribute)) && !p.IsDefined(typeof(FromKeyedServicesAttribute)) && !known.IsService(p.ParameterType));

    private Activation NewActivation(string key)
    {
        var activation = new Activation(this, key, Runtime.ShardOf(key));
        if (IsStatelessWorker) activation.Extras.Workers = new(activation, _mostWorkers);
        return activation;
    }
}
