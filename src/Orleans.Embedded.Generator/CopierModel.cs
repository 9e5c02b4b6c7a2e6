using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;

namespace Orleans.Generator;

/// <summary>Makes a copier of the marked members of a type marked [GenerateSerializer], and says what is wrong with the marks.</summary>
internal static class CopierModel
{
    private const string Mark = "Orleans.GenerateSerializerAttribute";
    private const string Immutable = "Orleans.ImmutableAttribute";

    public static GeneratedSource? From(INamedTypeSymbol? type)
    {
        if (type is null || type.TypeKind == TypeKind.Enum || !MessageTypes.HasAttribute(type, Mark)) return null;
        var problems = ImmutableArray.CreateBuilder<Problem>();
        var members = MembersOf(type, problems);
        var name = type.ToDisplayString().Replace('.', '_').Replace('<', '_').Replace('>', '_').Replace(", ", "_");
        // One that is immutable is never copied itself, but may be the base of one that is.
        var isCopied = !MessageTypes.HasAttribute(type, Immutable);
        if (FindForeignBase(type, isCopied) is { } foreign) problems.Add(Problem.At(type, Problem.ForeignBase, type.Name, foreign.ToDisplayString()));
        var isWritten = problems.Count == 0 && type.TypeKind is TypeKind.Class or TypeKind.Struct && (isCopied || (type.TypeKind == TypeKind.Class && !type.IsSealed && !type.IsGenericType));
        if (isWritten && type.IsGenericType)
        {
            problems.Add(Problem.At(type, Problem.GenericMessage, type.Name, type.Name));
            isWritten = false;
        }

        var source = isWritten ? Write(type, name, members) : string.Empty;
        var registration = isWritten
            ? $"        global::Orleans.Serialization.CopierRegistry.Add(typeof({Name(type)}), new {name}_Copier());"
            : string.Empty;
        return new GeneratedSource(name + ".Copier.g.cs", source, registration, problems.ToImmutable());
    }

    /// <summary>The base class of a message, if its members would not arrive.</summary>
    private static INamedTypeSymbol? FindForeignBase(INamedTypeSymbol type, bool isCopied) =>
        type.TypeKind != TypeKind.Class || type.BaseType is not { SpecialType: not SpecialType.System_Object } b || MessageTypes.InheritsFrom(b, "System.Exception") ? null
        : !MessageTypes.HasAttribute(b, Mark) || (isCopied && b.IsGenericType) ? b : null;

    /// <summary>The marked members: name of the field behind it, or of a property that has none, and its type.</summary>
    private static List<(string Name, ITypeSymbol Type, bool IsComputed)> MembersOf(INamedTypeSymbol type, ImmutableArray<Problem>.Builder problems)
    {
        var members = new List<(string, ITypeSymbol, bool)>();
        var ids = new Dictionary<uint, string>();
        var positional = type.IsRecord ? new HashSet<string>(type.InstanceConstructors.Where(c => !c.IsImplicitlyDeclared).SelectMany(c => c.Parameters).Select(p => p.Name)) : [];
        foreach (var member in type.GetMembers().Where(m => !m.IsStatic && !m.IsImplicitlyDeclared && m is IPropertySymbol { IsIndexer: false } or IFieldSymbol { IsImplicitlyDeclared: false }))
        {
            var memberType = member is IPropertySymbol p ? p.Type : ((IFieldSymbol)member).Type;
            var id = member.GetAttributes().FirstOrDefault(a => a.AttributeClass?.ToDisplayString() == "Orleans.IdAttribute");
            // The fields that the compiler makes for automatic properties are implicitly declared and known by their property.
            var behind = member is IPropertySymbol ? type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(f => SymbolEqualityComparer.Default.Equals(f.AssociatedSymbol, member)) : null;
            var isAutomatic = behind is not null;
            var isMarked = id is not null || (isAutomatic && positional.Contains(member.Name));
            if (!isMarked)
            {
                // Also what is private or read-only: Microsoft Orleans does not compile without either mark (ORLEANS0004).
                var keeps = behind ?? member as IFieldSymbol;
                if (keeps is not null && !MessageTypes.HasAttribute(keeps, "System.NonSerializedAttribute")) problems.Add(Problem.At(member, Problem.NoId, type.Name, member.Name));
                continue;
            }

            if (id?.ConstructorArguments.FirstOrDefault().Value is uint number)
            {
                if (ids.TryGetValue(number, out var other)) problems.Add(Problem.At(member, Problem.SameId, type.Name, $"{member.Name}' and '{other}"));
                else ids[number] = member.Name;
            }

            if (MessageTypes.FindForeign(memberType) is { } foreign) problems.Add(Problem.At(member, Problem.ForeignMember, type.Name, member.Name, foreign.ToDisplayString()));
            if (member is IPropertySymbol { SetMethod: null } && !isAutomatic) continue; // computed from others
            members.Add((isAutomatic ? behind!.Name : member.Name, memberType, member is IPropertySymbol && !isAutomatic));
        }

        return members;
    }

    private static string Name(ITypeSymbol type) => InterfaceModel.Name(type);

    private static string Write(INamedTypeSymbol type, string name, List<(string Name, ITypeSymbol Type, bool IsComputed)> members)
    {
        var source = new StringBuilder("// <auto-generated/>\n#nullable disable\nnamespace Orleans.Generated;\n\n");
        var typeName = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        if (type.IsValueType)
        {
            source.Append($"internal sealed class {name}_Copier : global::Orleans.Serialization.StructCopier<{typeName}>\n{{\n");
            source.Append($"    public override {typeName} Copy({typeName} original, global::Orleans.Serialization.CopyContext context)\n    {{\n        var copy = original;\n");
            for (var i = 0; i < members.Count; i++)
            {
                if (members[i].IsComputed) source.Append($"        SetMember{i}(ref copy, context.Copy(Member{i}(ref original)));\n");
                else if (!MessageTypes.IsUnchanging(members[i].Type)) source.Append($"        Member{i}(ref copy) = context.Copy(Member{i}(ref original));\n");
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
                source.Append(members[i].IsComputed ? $"        SetMember{i}(to, {value});\n" : $"        Member{i}(to) = {value};\n");
            }

            source.Append("    }\n");
        }

        for (var i = 0; i < members.Count; i++)
        {
            var parameter = type.IsValueType ? $"ref {typeName}" : typeName;
            var memberType = members[i].Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
            if (members[i].IsComputed)
            {
                Access(source, "Method", $"get_{members[i].Name}", $"{memberType} Member{i}({parameter} of)");
                Access(source, "Method", $"set_{members[i].Name}", $"void SetMember{i}({parameter} of, {memberType} value)");
            }
            else
            {
                Access(source, "Field", members[i].Name, $"ref {memberType} Member{i}({parameter} of)");
            }
        }

        return source.Append("}\n").ToString();
    }

    private static void Access(StringBuilder source, string kind, string name, string method) => source
        .Append($"\n    [global::System.Runtime.CompilerServices.UnsafeAccessor(global::System.Runtime.CompilerServices.UnsafeAccessorKind.{kind}, Name = \"{name}\")]\n")
        .Append($"    private static extern {method};\n");

    private static string Creation(INamedTypeSymbol type, string typeName)
    {
        var hasRequired = type.GetMembers().Any(m => m is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true });
        var canConstruct = !type.IsAbstract && !hasRequired && type.InstanceConstructors.Any(c => c.Parameters.IsEmpty && c.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal);
        return type.IsAbstract ? $"throw new global::System.InvalidOperationException(\"{type.Name} is abstract.\")"
            : canConstruct ? $"new {typeName}()"
            : $"({typeName})global::System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof({typeName}))";
    }
}
