using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>Knows how each type is copied. A type is looked at once; after that a look-up is one of a dictionary.</summary>
public static class CopierRegistry
{
    private static readonly FrozenSet<Type> s_unchanging = FrozenSet.Create<Type>(
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Guid), typeof(Half),
        typeof(Int128), typeof(UInt128), typeof(System.Numerics.BigInteger), typeof(Uri), typeof(Version), typeof(CancellationToken), typeof(GrainId), typeof(object));

    private static readonly FrozenSet<Type> s_unchangingIfContent = FrozenSet.Create<Type>(
        typeof(Nullable<>), typeof(KeyValuePair<,>), typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableHashSet<>), typeof(ImmutableDictionary<,>),
        typeof(ImmutableSortedDictionary<,>), typeof(ImmutableQueue<>), typeof(ImmutableStack<>), typeof(FrozenSet<>), typeof(FrozenDictionary<,>));

    private static readonly FrozenDictionary<Type, Type> s_collections = new Dictionary<Type, Type>
    {
        [typeof(List<>)] = typeof(ListCopier<>),
        [typeof(HashSet<>)] = typeof(HashSetCopier<>),
        [typeof(Queue<>)] = typeof(QueueCopier<>),
        [typeof(Stack<>)] = typeof(StackCopier<>),
        [typeof(Dictionary<,>)] = typeof(DictionaryCopier<,>),
        [typeof(SortedDictionary<,>)] = typeof(SortedDictionaryCopier<,>),
    }.ToFrozenDictionary();

    private static readonly ConcurrentDictionary<Type, Copier> s_generated = new();
    private static readonly ConcurrentDictionary<Type, Copier?> s_known = new();

    /// <summary>Announces a generated copier.</summary>
    public static void Add(Type type, Copier copier) => s_generated[type] = copier;

    /// <summary>The generated copier of a type, also of an immutable one; null when there is none.</summary>
    internal static Copier? Generated(Type type) => s_generated.GetValueOrDefault(type);

    /// <summary>True when no value of the type, or of one derived from it, can change.</summary>
    internal static bool IsUnchanging<T>() => Unchanging<T>.Value;

    /// <summary>The copier of a type; null for one whose values cannot change.</summary>
    /// <exception cref="NotSupportedException">Nobody knows how to copy it.</exception>
    internal static Copier? Of(Type type) => s_known.TryGetValue(type, out var known) ? known : s_known.GetOrAdd(type, Find);

    private static Copier? Find(Type type)
    {
        if (CannotChange(type) || typeof(IAddressable).IsAssignableFrom(type) || typeof(Exception).IsAssignableFrom(type)) return null;
        if (s_generated.TryGetValue(type, out var generated)) return generated;
        if (type.IsSZArray) return Make(typeof(ArrayCopier<>), type.GetElementType()!);
        if (type.IsGenericType && s_collections.TryGetValue(type.GetGenericTypeDefinition(), out var collection)) return Make(collection, type.GetGenericArguments());
        if (Nullable.GetUnderlyingType(type) is { } inner) return Of(inner);
        if (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>) || type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal) || type.FullName.StartsWith("System.Tuple`", StringComparison.Ordinal)))
            return new FieldCopier(type);
        if (IsReadOnlyWrapper(type)) return Make(typeof(ReadOnlyListCopier<>), type.GetInterfaces().First(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)).GetGenericArguments());
        throw new NotSupportedException($"{type.FullName} cannot cross between grains: mark it [GenerateSerializer] and its members [Id(n)], or use a list, an array, a dictionary or a tuple of such types.");
    }

    // What the compiler makes of a collection expression, and what AsReadOnly gives.
    private static bool IsReadOnlyWrapper(Type type) =>
        type.Name.StartsWith("<>z__ReadOnly", StringComparison.Ordinal) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(System.Collections.ObjectModel.ReadOnlyCollection<>));

    private static Copier Make(Type copier, params Type[] arguments) => (Copier)Activator.CreateInstance(copier.MakeGenericType(arguments))!;

    private static bool CannotChange(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || s_unchanging.Contains(type) || type.GetCustomAttribute<ImmutableAttribute>(inherit: false) is not null) return true;
        if (!type.IsGenericType) return false;
        var definition = type.GetGenericTypeDefinition();
        return (s_unchangingIfContent.Contains(definition) || definition.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal)) && type.GetGenericArguments().All(CannotChange);
    }

    private static class Unchanging<T>
    {
        // A class that is not sealed may have a mutable one derived from it.
        public static readonly bool Value = (typeof(T).IsValueType || typeof(T).IsSealed) && CannotChange(typeof(T));
    }
}
