using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>What generated module initialisers announce: references for interfaces and classes that implement them.</summary>
public static class GrainRegistry
{
    private static readonly ConcurrentDictionary<Type, Func<GrainTarget, GrainReference>> s_references = new();
    private static readonly ConcurrentDictionary<Type, Type> s_classes = new();

    /// <summary>Announces the generated reference of a grain interface.</summary>
    public static void AddInterface(Type grainInterface, Func<GrainTarget, GrainReference> createReference) => s_references[grainInterface] = createReference;

    /// <summary>Announces the class behind a grain interface.</summary>
    public static void AddClass(Type grainInterface, Type grainClass)
    {
        var known = s_classes.GetOrAdd(grainInterface, grainClass);
        if (known != grainClass)
            throw new InvalidOperationException($"{grainInterface.Name} is implemented by both {known.FullName} and {grainClass.FullName}; a grain interface has one class.");
    }

    internal static (Func<GrainTarget, GrainReference> CreateReference, Type Class) Find(Type grainInterface)
    {
        if (!s_references.TryGetValue(grainInterface, out var createReference))
            throw new ArgumentException($"{grainInterface.FullName} is not a grain interface known to the source generator.");
        if (!s_classes.TryGetValue(grainInterface, out var grainClass))
            throw new ArgumentException($"No grain class implements {grainInterface.FullName}; is the assembly that holds it loaded?");
        return (createReference, grainClass);
    }
}
