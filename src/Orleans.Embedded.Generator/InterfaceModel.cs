using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Orleans.Generator;

/// <summary>Makes a reference and one call class per method of a grain interface.</summary>
internal static class InterfaceModel
{
    private static readonly SymbolDisplayFormat s_typeFormat = SymbolDisplayFormat.FullyQualifiedFormat
        .WithMiscellaneousOptions(SymbolDisplayFormat.FullyQualifiedFormat.MiscellaneousOptions | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly string[] s_callAttributes = ["ReadOnly", "AlwaysInterleave", "OneWay"];

    public static bool IsGrainInterface(INamedTypeSymbol type) => type.TypeKind == TypeKind.Interface
        && type.ContainingNamespace.ToDisplayString() != "Orleans"
        && type.AllInterfaces.Any(i => i.ToDisplayString() is "Orleans.IGrainWithStringKey" or "Orleans.IGrainWithIntegerKey");

    public static string Name(ITypeSymbol type) => type.ToDisplayString(s_typeFormat);

    public static GeneratedSource? From(INamedTypeSymbol? type)
    {
        if (type is null || !IsGrainInterface(type)) return null;
        var problems = ImmutableArray.CreateBuilder<Problem>();
        if (type.IsGenericType) problems.Add(Problem.At(type, Problem.GenericInterface, type.Name, type.Name));
        var methods = type.AllInterfaces.Add(type).SelectMany(i => i.GetMembers())
            .Where(m => m is not INamedTypeSymbol && !(m.IsStatic && !m.IsAbstract)).ToList(); // constants, helpers and nested types are no calls
        foreach (var member in methods)
        {
            if (member is IMethodSymbol { AssociatedSymbol: not null }) continue; // an accessor: its property or event is named once
            if (member is not IMethodSymbol method || method.MethodKind != MethodKind.Ordinary)
            {
                problems.Add(Problem.At(member, Problem.NotAMethod, type.Name, member.Name));
                continue;
            }

            if (!IsTaskLike(method.ReturnType)) problems.Add(Problem.At(member, Problem.NotTask, type.Name, member.Name));
            if (method.IsGenericMethod) problems.Add(Problem.At(member, Problem.GenericMethod, type.Name, member.Name));
            if (Has(method, "OneWay") && method.ReturnType is INamedTypeSymbol { TypeArguments.IsEmpty: false }) problems.Add(Problem.At(member, Problem.OneWayResult, type.Name, member.Name));
            if (method.Parameters.Count(IsToken) > 1) problems.Add(Problem.At(member, Problem.TwoTokens, type.Name, member.Name));
            if (!method.IsGenericMethod && !type.IsGenericType && Messages(method).Select(MessageTypes.FindForeign).FirstOrDefault(t => t is not null) is { } foreign)
                problems.Add(Problem.At(member, Problem.ForeignArgument, type.Name, member.Name, foreign.ToDisplayString()));
            if (method.Parameters.Any(p => p.RefKind != RefKind.None)) problems.Add(Problem.At(member, Problem.ByReference, type.Name, member.Name));
        }

        var name = type.ToDisplayString().Replace('.', '_');
        var source = problems.Count > 0 ? string.Empty : Write(type, name, methods.OfType<IMethodSymbol>().ToImmutableArray());
        var mayInterleave = methods.OfType<IMethodSymbol>().Any(m => Has(m, "AlwaysInterleave") || Has(m, "ReadOnly")) ? "true" : "false";
        var registration = $"        global::Orleans.Runtime.GrainRegistry.AddInterface(typeof({Name(type)}), static target => new {name}_Reference(target), {mayInterleave});";
        return new GeneratedSource(name + ".g.cs", source, registration, problems.ToImmutable());
    }

    private static bool IsTaskLike(ITypeSymbol type) => type is INamedTypeSymbol { ContainingNamespace: { } space } named
        && space.ToDisplayString() == "System.Threading.Tasks" && named.Name is "Task" or "ValueTask";

    private static bool Has(ISymbol symbol, string attribute) =>
        symbol.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == $"Orleans.Concurrency.{attribute}Attribute");

    private static string Timeout(ISymbol method)
    {
        var attribute = method.GetAttributes().FirstOrDefault(a => a.AttributeClass?.ToDisplayString() == "Orleans.ResponseTimeoutAttribute");
        return attribute?.ConstructorArguments.FirstOrDefault().Value is string text ? SymbolDisplay.FormatLiteral(text, quote: true) : "null";
    }

    private static IEnumerable<ITypeSymbol> Messages(IMethodSymbol method) =>
        method.Parameters.Select(p => p.Type).Concat(IsTaskLike(method.ReturnType) ? ((INamedTypeSymbol)method.ReturnType).TypeArguments : ImmutableArray<ITypeSymbol>.Empty);

    private static bool IsCopied(IParameterSymbol parameter) =>
        !MessageTypes.HasAttribute(parameter, "Orleans.ImmutableAttribute") && !MessageTypes.IsUnchanging(parameter.Type);

    private static bool IsToken(IParameterSymbol parameter) => parameter.Type.ToDisplayString() == "System.Threading.CancellationToken";

    private static string Options(IMethodSymbol method)
    {
        var names = s_callAttributes.Where(n => Has(method, n)).Select(n => $"global::Orleans.Runtime.GrainMethodOptions.{n}").ToList();
        return names.Count == 0 ? "global::Orleans.Runtime.GrainMethodOptions.None" : string.Join(" | ", names);
    }

    private static string Write(INamedTypeSymbol type, string name, ImmutableArray<IMethodSymbol> methods)
    {
        var source = new StringBuilder("// <auto-generated/>\n#nullable enable\nnamespace Orleans.Generated;\n\n");
        source.Append($"internal sealed class {name}_Reference(global::Orleans.Runtime.GrainTarget target) : global::Orleans.Runtime.GrainReference(target), {Name(type)}\n{{\n");
        for (var i = 0; i < methods.Length; i++) WriteMethod(source, methods[i], $"{name}_{methods[i].Name}_{i}");
        source.Append("}\n");
        for (var i = 0; i < methods.Length; i++) WriteCall(source, methods[i], $"{name}_{methods[i].Name}_{i}");
        return source.ToString();
    }

    private static void WriteMethod(StringBuilder source, IMethodSymbol method, string callName)
    {
        var parameters = string.Join(", ", method.Parameters.Select(p => $"{Name(p.Type)} @{p.Name}"));
        // Explicit, so that no name of a grain's method meets one of the base class: a grain may well have a method Send or Key.
        source.Append($"    {Name(method.ReturnType)} {Name(method.ContainingType)}.@{method.Name}({parameters})\n    {{\n");
        source.Append($"        var call = global::Orleans.Runtime.CallPool<{callName}>.Rent();\n");
        if (method.Parameters.Any(IsCopied)) source.Append("        var copies = new global::Orleans.Serialization.CopyContext();\n");
        for (var i = 0; i < method.Parameters.Length; i++)
        {
            var parameter = method.Parameters[i];
            var value = IsCopied(parameter) ? $"copies.Copy(@{parameter.Name})" : "@" + parameter.Name;
            source.Append($"        call.{(IsToken(parameter) ? $"AcceptToken(@{parameter.Name})" : $"Arg{i} = {value}")};\n");
        }

        if (Has(method, "OneWay")) source.Append("        SendOneWay(call);\n        return ").Append(method.ReturnType.Name == "Task" ? "global::System.Threading.Tasks.Task.CompletedTask" : "default").Append(";\n");
        else source.Append(method.ReturnType.Name == "Task" ? "        return Send(call).AsTask();\n" : "        return Send(call);\n");
        source.Append("    }\n\n");
    }

    private static void WriteCall(StringBuilder source, IMethodSymbol method, string callName)
    {
        var result = ((INamedTypeSymbol)method.ReturnType).TypeArguments.Select(Name).FirstOrDefault();
        var ofResult = result is null ? string.Empty : $"<{result}>";
        source.Append($"\ninternal sealed class {callName} : global::Orleans.Runtime.GrainCall{ofResult}\n{{\n");
        for (var i = 0; i < method.Parameters.Length; i++) source.Append($"    public {Name(method.Parameters[i].Type)} Arg{i} = default!;\n");
        source.Append($"    private static readonly global::Orleans.Runtime.GrainMethod s_method = new(\"{method.ContainingType.Name}\", \"{method.Name}\", {Options(method)}, {Timeout(method)});\n\n");
        source.Append("    public override global::Orleans.Runtime.GrainMethod Method => s_method;\n\n");
        for (var i = 0; i < method.Parameters.Length; i++)
        {
            if (IsToken(method.Parameters[i])) source.Append($"    public void AcceptToken(global::System.Threading.CancellationToken token) => Arg{i} = Accept(token);\n\n");
        }

        var arguments = string.Join(", ", method.Parameters.Select((_, i) => $"Arg{i}"));
        var invocation = $"(({Name(method.ContainingType)})grain).@{method.Name}({arguments})";
        if (method.ReturnType.Name == "Task") invocation = $"new global::System.Threading.Tasks.ValueTask{ofResult}({invocation})";
        source.Append($"    protected override global::System.Threading.Tasks.ValueTask{ofResult} InvokeOn(object grain) => {invocation};\n\n");
        if (((INamedTypeSymbol)method.ReturnType).TypeArguments.FirstOrDefault() is { } resultType && !MessageTypes.IsUnchanging(resultType))
            source.Append($"    protected override {result} CopyResult({result} result) => global::Orleans.Serialization.CopyContext.CopyOf(result);\n\n");
        source.Append("    protected override void Recycle()\n    {\n");
        for (var i = 0; i < method.Parameters.Length; i++) source.Append($"        Arg{i} = default!;\n");
        source.Append($"        global::Orleans.Runtime.CallPool<{callName}>.Return(this);\n    }}\n}}\n");
    }
}
