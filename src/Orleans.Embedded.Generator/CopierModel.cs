using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;

namespace Orleans.Generator;

/// <summary>What the generator makes of one type marked [GenerateSerializer]: a copier of its marked members, and what is wrong with the marks.</summary>
internal sealed class CopierModel : IEquatable<CopierModel>
{
    private const string Mark = "Orleans.GenerateSerializerAttribute";

    private CopierModel(string hintName, string source, string registration, ImmutableArray<Problem> problems)
    {
        HintName = hintName;
        Source = source;
        Registration = registration;
        Problems = problems;
    }

    public string HintName { get; }

    /// <summary>Empty when the type needs no copier.</summary>
    public string Source { get; }

    public string Registration { get; }

    public ImmutableArray<Problem> Problems { get; }

    public static CopierModel? From(INamedTypeSymbol? type)
    {
        if (type is null || type.TypeKind == TypeKind.Enum || !MessageTypes.HasAttribute(type, Mark)) return null;
        var problems = ImmutableArray.CreateBuilder<Problem>();
        var members = MembersOf(type, problems);
        var name = type.ToDisplayString().Replace('.', '_').Replace('<', '_').Replace('>', '_').Replace(", ", "_");
        var isWritten = problems.Count == 0 && !MessageTypes.HasAttribute(type, "Orleans.ImmutableAttribute") && type.TypeKind is TypeKind.Class or TypeKind.Struct;
        if (isWritten && type.IsGenericType)
        {
            problems.Add(Problem.At(type, Problem.GenericMessage, type.Name, type.Name));
            isWritten = false;
        }

        var source = isWritten ? Write(type, name, members) : string.Empty;
        var registration = isWritten
            ? $"        global::Orleans.Serialization.CopierRegistry.Add(typeof({Name(type)}), new {name}_Copier());"
            : string.Empty;
        return new CopierModel(name + ".Copier.g.cs", source, registration, problems.ToImmutable());
    }

    public bool Equals(CopierModel? other) => other is not null && Source == other.Source && HintName == other.HintName && Problems.SequenceEqual(other.Problems);

    public override bool Equals(object? obj) => Equals(obj as CopierModel);

    public override int GetHashCode() => HintName.GetHashCode();

    /// <summary>The fields behind the marked members: name of the field, and its type.</summary>
    private static List<(string Field, ITypeSymbol Type)> MembersOf(INamedTypeSymbol type, ImmutableArray<Problem>.Builder problems)
    {
        var members = new List<(string, ITypeSymbol)>();
        var ids = new Dictionary<uint, string>();
        var positional = type.IsRecord ? new HashSet<string>(type.InstanceConstructors.Where(c => !c.IsImplicitlyDeclared).SelectMany(c => c.Parameters).Select(p => p.Name)) : [];
        foreach (var member in type.GetMembers().Where(m => !m.IsStatic && !m.IsImplicitlyDeclared && m is IPropertySymbol { IsIndexer: false } or IFieldSymbol { IsImplicitlyDeclared: false }))
        {
            var memberType = member is IPropertySymbol p ? p.Type : ((IFieldSymbol)member).Type;
            var id = member.GetAttributes().FirstOrDefault(a => a.AttributeClass?.ToDisplayString() == "Orleans.IdAttribute");
            // The fields that the compiler makes for automatic properties are implicitly declared and known by their property.
            var isAutomatic = member is IPropertySymbol && type.GetMembers().OfType<IFieldSymbol>().Any(f => SymbolEqualityComparer.Default.Equals(f.AssociatedSymbol, member));
            var isMarked = id is not null || (isAutomatic && positional.Contains(member.Name));
            if (!isMarked)
            {
                var keepsSomething = member is IFieldSymbol or IPropertySymbol { SetMethod: not null };
                var isPublic = member.DeclaredAccessibility == Accessibility.Public && (member is IFieldSymbol || isAutomatic);
                if (keepsSomething && isPublic && !MessageTypes.HasAttribute(member, "System.NonSerializedAttribute")) problems.Add(Problem.At(member, Problem.NoId, type.Name, member.Name));
                continue;
            }

            if (id?.ConstructorArguments.FirstOrDefault().Value is uint number)
            {
                if (ids.TryGetValue(number, out var other)) problems.Add(Problem.At(member, Problem.SameId, type.Name, $"{member.Name}' and '{other}"));
                else ids[number] = member.Name;
            }

            if (MessageTypes.FindForeign(memberType) is { } foreign) problems.Add(Problem.At(member, Problem.ForeignMember, type.Name, member.Name, foreign.ToDisplayString()));
            if (member is IPropertySymbol && !isAutomatic) continue; // computed from others
            members.Add((member is IPropertySymbol ? $"<{member.Name}>k__BackingField" : member.Name, memberType));
        }

        return members;
    }

    private static string Name(ITypeSymbol type) => InterfaceModel.Name(type);

    private static string Write(INamedTypeSymbol type, string name, List<(string Field, ITypeSymbol Type)> members)
    {
        var source = new StringBuilder("// <auto-generated/>\n#nullable disable\nnamespace Orleans.Generated;\n\n");
        var typeName = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        if (type.IsValueType)
        {
            source.Append($"internal sealed class {name}_Copier : global::Orleans.Serialization.StructCopier<{typeName}>\n{{\n");
            source.Append($"    public override {typeName} Copy({typeName} original, global::Orleans.Serialization.CopyContext context)\n    {{\n        var copy = original;\n");
            for (var i = 0; i < members.Count; i++)
            {
                if (!MessageTypes.IsUnchanging(members[i].Type)) source.Append($"        Member{i}(ref copy) = context.Copy(Member{i}(ref original));\n");
            }

            source.Append("        return copy;\n    }\n");
        }
        else
        {
            source.Append($"internal sealed class {name}_Copier : global::Orleans.Serialization.ClassCopier<{typeName}>\n{{\n");
            source.Append($"    protected override {typeName} Create() => {Creation(type, typeName)};\n\n");
            source.Append($"    public override void CopyMembers({typeName} from, {typeName} to, global::Orleans.Serialization.CopyContext context)\n    {{\n");
            if (type.BaseType is { SpecialType: not SpecialType.System_Object } b) source.Append($"        context.CopyBase<{b.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)}>(from, to);\n");
            for (var i = 0; i < members.Count; i++)
            {
                var value = MessageTypes.IsUnchanging(members[i].Type) ? $"Member{i}(from)" : $"context.Copy(Member{i}(from))";
                source.Append($"        Member{i}(to) = {value};\n");
            }

            source.Append("    }\n");
        }

        for (var i = 0; i < members.Count; i++)
        {
            var parameter = type.IsValueType ? $"ref {typeName}" : typeName;
            source.Append($"\n    [global::System.Runtime.CompilerServices.UnsafeAccessor(global::System.Runtime.CompilerServices.UnsafeAccessorKind.Field, Name = \"{members[i].Field}\")]\n")
                .Append($"    private static extern ref {members[i].Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)} Member{i}({parameter} of);\n");
        }

        return source.Append("}\n").ToString();
    }

    private static string Creation(INamedTypeSymbol type, string typeName)
    {
        var hasRequired = type.GetMembers().Any(m => m is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true });
        var canConstruct = !type.IsAbstract && !hasRequired && type.InstanceConstructors.Any(c => c.Parameters.IsEmpty && c.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal);
        return type.IsAbstract ? $"throw new global::System.InvalidOperationException(\"{type.Name} is abstract.\")"
            : canConstruct ? $"new {typeName}()"
            : $"({typeName})global::System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof({typeName}))";
    }
}
