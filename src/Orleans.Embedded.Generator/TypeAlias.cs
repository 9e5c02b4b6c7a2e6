using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Orleans.Generator;

/// <summary>The name of a type in messages. Microsoft Orleans refuses to start when two types have the same.</summary>
internal sealed class TypeAlias : IEquatable<TypeAlias>
{
    private readonly string _alias;
    private readonly string _type;
    private readonly Problem _double;

    private TypeAlias(string alias, INamedTypeSymbol type)
    {
        _alias = alias;
        _type = type.ToDisplayString();
        _double = Problem.At(type, Problem.SameAlias, _type, alias);
    }

    public static TypeAlias? From(ISymbol symbol, AttributeData attribute) =>
        symbol is INamedTypeSymbol type && attribute.ConstructorArguments.Length == 1 && attribute.ConstructorArguments[0].Value is string alias ? new TypeAlias(alias, type) : null;

    public static void ReportDoubles(SourceProductionContext output, ImmutableArray<TypeAlias> aliases)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var alias in aliases)
        {
            if (!owners.TryGetValue(alias._alias, out var owner)) owners.Add(alias._alias, alias._type);
            else if (owner != alias._type) output.ReportDiagnostic(alias._double.With(owner).ToDiagnostic());
        }
    }

    public bool Equals(TypeAlias? other) => other is not null && _alias == other._alias && _double.Equals(other._double);

    public override bool Equals(object? obj) => Equals(obj as TypeAlias);

    public override int GetHashCode() => _alias.GetHashCode();
}
