using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Orleans.Generator;

/// <summary>What the generator knows of the types that cross between grains.</summary>
internal static class MessageTypes
{
    private static readonly HashSet<string> s_unchanging = new(
    [
        "System.DateTimeOffset", "System.DateOnly", "System.TimeOnly", "System.TimeSpan", "System.Guid", "System.Half", "System.Int128", "System.UInt128",
        "System.Numerics.BigInteger", "System.Uri", "System.Version", "System.Threading.CancellationToken", "Orleans.Runtime.GrainId",
    ]);

    private static readonly HashSet<string> s_unchangingIfContent = new(
    [
        "System.Nullable", "System.ValueTuple", "System.Collections.Generic.KeyValuePair", "System.Collections.Immutable.ImmutableArray",
        "System.Collections.Immutable.ImmutableList", "System.Collections.Immutable.ImmutableHashSet", "System.Collections.Immutable.ImmutableDictionary",
        "System.Collections.Immutable.ImmutableSortedDictionary", "System.Collections.Immutable.ImmutableQueue", "System.Collections.Immutable.ImmutableStack",
        "System.Collections.Frozen.FrozenSet", "System.Collections.Frozen.FrozenDictionary",
    ]);

    private static readonly HashSet<string> s_collections = new(
    [
        "System.Collections.Generic.List", "System.Collections.Generic.HashSet", "System.Collections.Generic.Queue", "System.Collections.Generic.Stack",
        "System.Collections.Generic.Dictionary", "System.Collections.Generic.SortedDictionary", "System.Tuple", "System.Collections.ObjectModel.ReadOnlyCollection",
        "System.Collections.Generic.IReadOnlyList", "System.Collections.Generic.IReadOnlyCollection", "System.Collections.Generic.IReadOnlyDictionary",
        "System.Collections.Generic.IReadOnlySet", "System.Collections.Generic.IEnumerable", "System.Collections.Generic.IList", "System.Collections.Generic.ICollection",
        "System.Collections.Generic.IDictionary", "System.Collections.Generic.ISet",
    ]);

    public static bool HasAttribute(ISymbol symbol, string name) => symbol.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == name);

    /// <summary>True when no value of the type, or of one derived from it, can change: it is handed over as it is.</summary>
    public static bool IsUnchanging(ITypeSymbol type)
    {
        if (IsGrainReference(type)) return true;
        if (type is not INamedTypeSymbol named) return false;
        if (named.TypeKind == TypeKind.Enum || IsSimple(named)) return true;
        if (HasAttribute(named, "Orleans.ImmutableAttribute")) return named.IsValueType || named.IsSealed;
        return named.IsGenericType && s_unchangingIfContent.Contains(FullName(named)) && named.TypeArguments.All(IsUnchanging);
    }

    /// <summary>The part of a type that cannot cross between grains; null when all of it can.</summary>
    public static ITypeSymbol? FindForeign(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array) return array.IsSZArray ? FindForeign(array.ElementType) : array;
        if (type is not INamedTypeSymbol named) return null; // a type parameter or an error that the compiler reports
        if (IsGrainReference(type) || named.TypeKind is TypeKind.Enum or TypeKind.Error || IsSimple(named) || named.SpecialType == SpecialType.System_Object) return null;
        if (HasAttribute(named, "Orleans.GenerateSerializerAttribute")) return named.TypeArguments.Select(FindForeign).FirstOrDefault(t => t is not null);
        if (InheritsFrom(named, "System.Exception")) return null;
        // Immutable collections are handed over as they are, so nothing in them may change.
        if (IsImmutableCollection(named) && !named.TypeArguments.All(IsFixed)) return named.TypeArguments.Select(FindForeign).FirstOrDefault(t => t is not null) ?? named;
        var isKnown = named.IsGenericType && (s_unchangingIfContent.Contains(FullName(named)) || s_collections.Contains(FullName(named)));
        return isKnown ? named.TypeArguments.Select(FindForeign).FirstOrDefault(t => t is not null) : named;
    }

    public static bool InheritsFrom(INamedTypeSymbol type, string name)
    {
        for (INamedTypeSymbol? b = type; b is not null; b = b.BaseType)
        {
            if (b.ToDisplayString() == name) return true;
        }

        return false;
    }

    private static bool IsImmutableCollection(INamedTypeSymbol type) =>
        type.IsGenericType && type.ContainingNamespace.ToDisplayString() is "System.Collections.Immutable" or "System.Collections.Frozen" && s_unchangingIfContent.Contains(FullName(type));

    // What the host shares at run time: also types marked [Immutable] from which others could be derived.
    private static bool IsFixed(ITypeSymbol type) => IsUnchanging(type) || HasAttribute(type, "Orleans.ImmutableAttribute")
        || (type is INamedTypeSymbol { IsGenericType: true } named && s_unchangingIfContent.Contains(FullName(named)) && named.TypeArguments.All(IsFixed));

    private static bool IsGrainReference(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Interface && (type.ToDisplayString() == "Orleans.Runtime.IAddressable" || type.AllInterfaces.Any(i => i.ToDisplayString() == "Orleans.Runtime.IAddressable"));

    private static bool IsSimple(INamedTypeSymbol type) => type.SpecialType is SpecialType.System_String or SpecialType.System_DateTime or SpecialType.System_Decimal
        || type.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_UIntPtr
        || s_unchanging.Contains(type.ToDisplayString());

    private static string FullName(INamedTypeSymbol type) => $"{type.ContainingNamespace?.ToDisplayString()}.{type.Name}";
}
