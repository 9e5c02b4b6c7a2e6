using System;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Orleans.Generator;

/// <summary>A misuse of the programming model, found at compile time.</summary>
internal sealed class Problem : IEquatable<Problem>
{
    public static readonly DiagnosticDescriptor NotTask = Describe("SCG001", "'{0}.{1}' must return Task, Task<T>, ValueTask or ValueTask<T>: a grain call is always asynchronous");
    public static readonly DiagnosticDescriptor GenericMethod = Describe("SCG002", "'{0}.{1}' is generic; a grain method has fixed argument types");
    public static readonly DiagnosticDescriptor NotAMethod = Describe("SCG003", "'{0}.{1}' is not a method; a grain interface has methods only");
    public static readonly DiagnosticDescriptor ByReference = Describe("SCG004", "'{0}.{1}' has a ref, in or out parameter; arguments are messages");
    public static readonly DiagnosticDescriptor GenericInterface = Describe("SCG005", "'{0}' is generic; use one grain interface per type");

    private readonly DiagnosticDescriptor _descriptor;
    private readonly string _type;
    private readonly string _member;
    private readonly string _path;
    private readonly TextSpan _span;
    private readonly LinePositionSpan _lines;

    private Problem(DiagnosticDescriptor descriptor, string type, string member, string path, TextSpan span, LinePositionSpan lines)
    {
        _descriptor = descriptor;
        _type = type;
        _member = member;
        _path = path;
        _span = span;
        _lines = lines;
    }

    public static Problem At(ISymbol symbol, DiagnosticDescriptor descriptor, string type, string member)
    {
        var location = symbol.Locations.FirstOrDefault() ?? Location.None;
        var lines = location.GetLineSpan();
        return new Problem(descriptor, type, member, lines.Path ?? string.Empty, location.SourceSpan, lines.Span);
    }

    public Diagnostic ToDiagnostic() => Diagnostic.Create(_descriptor, Location.Create(_path, _span, _lines), _type, _member);

    public bool Equals(Problem? other) => other is not null && _descriptor.Id == other._descriptor.Id && _type == other._type
        && _member == other._member && _path == other._path && _span == other._span;

    public override bool Equals(object? obj) => Equals(obj as Problem);

    public override int GetHashCode() => _member.GetHashCode();

    private static DiagnosticDescriptor Describe(string id, string message) =>
        new(id, "Grain interface misuse", message, "Orleans", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
