using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>What generated module initialisers announce: references for interfaces and classes that implement them.</summary>
public static class GrainRegistry
{
    private static readonly ConcurrentDictionary<Type, (Func<GrainTarget, GrainReference> CreateReference, bool MayInterleave)> s_interfaces = new();
    private static readonly ConcurrentDictionary<Type, Type> s_classes = new();
    private static readonly ConcurrentBag<GrainMethod> s_methods = [];

    /// <summary>Methods of the interfaces that were announced and used.</summary>
    internal static IEnumerable<GrainMethod> Methods => s_methods;

    /// <summary>Announces the generated reference of a grain interface.</summary>
    /// <param name="mayInterleave">True when a method is marked [AlwaysInterleave] or [ReadOnly].</param>
    public static void AddInterface(Type grainInterface, Func<GrainTarget, GrainReference> createReference, bool mayInterleave = false) =>
        s_interfaces[grainInterface] = (createReference, mayInterleave);

    /// <summary>Announces the class behind a grain interface.</summary>
    public static void AddClass(Type grainInterface, Type grainClass)
    {
        var known = s_classes.GetOrAdd(grainInterface, grainClass);
        if (known != grainClass)
            throw new InvalidOperationException($"{grainInterface.Name} is implemented by both {known.FullName} and {grainClass.FullName}; a grain interface has one class.");
    }

    internal static void Add(GrainMethod method) => s_methods.Add(method);

    internal static (Func<GrainTarget, GrainReference> CreateReference, bool MayInterleave, Type Class) Find(Type grainInterface)
    {
        if (!s_interfaces.TryGetValue(grainInterface, out var known)) throw new ArgumentException(Unknown(grainInterface));
        if (!s_classes.TryGetValue(grainInterface, out var grainClass))
            throw new ArgumentException($"No grain class implements {grainInterface.FullName}. Write one that derives from Grain; or, if there is one, see that its assembly is loaded before.");
        return (known.CreateReference, known.MayInterleave, grainClass);
    }

    private static string Unknown(Type type) => s_classes.FirstOrDefault(c => c.Value == type).Key is { } its
        ? $"{type.FullName} is a class; ask for its interface, {its.Name}."
        : $"{type.FullName} is not a grain interface known to the source generator. Ask for an interface of your own that derives from IGrainWithStringKey or IGrainWithIntegerKey, in a project that imports src/Orleans.props.";
}
