using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>
/// Isolates grains from their callers: what crosses between them is copied unless it is immutable, as Orleans would do by sending it.
/// One context serves all arguments of a call; objects that are one stay one, and objects may contain themselves.
/// </summary>
public sealed class CopyContext
{
    private Dictionary<object, object>? _copies;

    /// <summary>A copy of one value by itself.</summary>
    public static T CopyOf<T>(T value) => new CopyContext().Copy(value);

    /// <summary>A copy, or the value itself when nothing about it can change.</summary>
    /// <exception cref="NotSupportedException">A type is neither marked [GenerateSerializer] nor one that the grain host knows.</exception>
    public T Copy<T>(T value)
    {
        if (value is null || CopierRegistry.IsUnchanging<T>()) return value;
        if (typeof(T).IsValueType && CopierRegistry.Of(typeof(T)) is ICopyStruct<T> copier) return copier.Copy(value, this);
        return (T)CopyObject(value);
    }

    /// <summary>Copies the members of a base class. For generated code.</summary>
    public void CopyBase<T>(T from, T to)
        where T : class
    {
        // Also that of an immutable base: it is never copied by itself, but its members are those of a new object here.
        if (CopierRegistry.Generated(typeof(T)) is ClassCopier<T> copier) copier.CopyMembers(from, to, this);
        else throw new NotSupportedException($"The members of {typeof(T).FullName} cannot cross between grains: mark it [GenerateSerializer] and its members [Id(n)].");
    }

    internal void Remember(object original, object copy) => (_copies ??= new(ReferenceEqualityComparer.Instance))[original] = copy;

    private object CopyObject(object original)
    {
        if (_copies is not null && _copies.TryGetValue(original, out var known)) return known;
        // A chain of objects that is too long for the stack fails the call, not the process.
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return CopierRegistry.Of(original.GetType()) is { } copier ? copier.CopyObject(original, this) : original;
    }
}
