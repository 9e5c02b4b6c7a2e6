using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>A constructor parameter marked with <see cref="PersistentStateAttribute"/>. Looked at once per grain class, used once per activation.</summary>
internal sealed class StateParameter
{
    private readonly PersistentStateAttribute _attribute;
    private readonly Func<IGrainStorage, string, GrainId, IActivationState> _create;

    private StateParameter(Type parameterType, PersistentStateAttribute attribute)
    {
        _attribute = attribute;
        Type = parameterType;
        _create = typeof(StateParameter).GetMethod(nameof(Create), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(parameterType.GetGenericArguments()).CreateDelegate<Func<IGrainStorage, string, GrainId, IActivationState>>();
    }

    public Type Type { get; }

    /// <summary>The marked parameters of a grain class.</summary>
    /// <exception cref="InvalidOperationException">One is marked that is no <see cref="IPersistentState{TState}"/>.</exception>
    public static StateParameter[] Of(Type grainClass)
    {
        var all = new List<StateParameter>();
        foreach (var parameter in grainClass.GetConstructors().SelectMany(c => c.GetParameters()))
        {
            if (parameter.GetCustomAttribute<PersistentStateAttribute>() is not { } attribute) continue;
            if (!parameter.ParameterType.IsGenericType || parameter.ParameterType.GetGenericTypeDefinition() != typeof(IPersistentState<>))
                throw new InvalidOperationException($"The parameter '{parameter.Name}' of {grainClass.Name} is marked [PersistentState] and must be an IPersistentState<T>.");
            all.Add(new(parameter.ParameterType, attribute));
        }

        return [.. all];
    }

    /// <exception cref="InvalidOperationException">No storage of that name is registered.</exception>
    public IActivationState Create(Activation grain)
    {
        var services = grain.Type.Runtime.Services;
        var name = _attribute.StorageName ?? "Default";
        var storage = services.GetKeyedService<IGrainStorage>(name)
            ?? throw new InvalidOperationException($"{grain.Type.Name} keeps its state '{_attribute.StateName}' in the storage '{name}', which is not registered. Add it with AddMemoryGrainStorage(\"{name}\") or as a keyed IGrainStorage.");
        return _create(storage, _attribute.StateName, grain.Type.IdOf(grain.Key));
    }

    private static PersistentState<TState> Create<TState>(IGrainStorage storage, string name, GrainId grain) => new(storage, name, grain);
}
