namespace Orleans.Runtime;

/// <summary>Marks a constructor parameter of a grain, of type <see cref="IPersistentState{TState}"/>, that is read before the grain is activated.</summary>
/// <param name="stateName">Name of the state; a grain may have several.</param>
/// <param name="storageName">Name of the storage; null for <c>Default</c>.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
{
    public string StateName { get; } = stateName;

    public string? StorageName { get; } = storageName;
}
