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

    public static readonly DiagnosticDescriptor ForeignArgument = Describe("SCG006", "'{0}.{1}' takes or answers '{2}', which cannot cross between grains: mark it [GenerateSerializer] and its members [Id(n)], or use a list, an array, a dictionary or a tuple of such types");
    public static readonly DiagnosticDescriptor NoId = Describe("SCG007", "'{0}.{1}' has no [Id(n)], so it would not arrive; mark it, or [NonSerialized] ([field: NonSerialized] on a property) if that is meant");
    public static readonly DiagnosticDescriptor SameId = Describe("SCG008", "'{0}' gives one [Id] to '{1}'; every member needs its own");
    public static readonly DiagnosticDescriptor ForeignMember = Describe("SCG009", "'{0}.{1}' holds '{2}', which cannot cross between grains: mark it [GenerateSerializer] and its members [Id(n)], or use a list, an array, a dictionary or a tuple of such types");
    public static readonly DiagnosticDescriptor GenericMessage = Describe("SCG010", "'{0}' is generic and mutable; mark it [Immutable], or write one message type per content");
    public static readonly DiagnosticDescriptor OneWayResult = Describe("SCG011", "'{0}.{1}' is [OneWay] and has a result, which nobody would get; return Task or ValueTask");
    public static readonly DiagnosticDescriptor TwoTokens = Describe("SCG012", "'{0}.{1}' takes more than one CancellationToken; one says when to stop");
    public static readonly DiagnosticDescriptor SameAlias = Describe("SCG013", "'{0}' has the alias '{1}' of '{2}'; an alias names one type");

    public static readonly DiagnosticDescriptor ForeignBase = Describe("SCG014", "'{0}' derives from '{1}', whose members would not arrive: mark it [GenerateSerializer] and its members [Id(n)]; it cannot be generic or a collection");

    private readonly DiagnosticDescriptor _descriptor;
    private readonly string _type;
    private readonly string _member;
    private readonly string _detail;
    private readonly string _path;
    private readonly TextSpan _span;
    private readonly LinePositionSpan _lines;

    private Problem(DiagnosticDescriptor descriptor, string type, string member, string detail, string path, TextSpan span, LinePositionSpan lines)
    {
        _descriptor = descriptor;
        _type = type;
        _member = member;
        _detail = detail;
        _path = path;
        _span = span;
        _lines = lines;
    }

    public static Problem At(ISymbol symbol, DiagnosticDescriptor descriptor, string type, string member, string detail = "")
    {
        var location = symbol.Locations.FirstOrDefault() ?? Location.None;
        var lines = location.GetLineSpan();
        return new Problem(descriptor, type, member, detail, lines.Path ?? string.Empty, location.SourceSpan, lines.Span);
    }

    public Problem With(string detail) => new(_descriptor, _type, _member, detail, _path, _span, _lines);

    public Diagnostic ToDiagnostic() => Diagnostic.Create(_descriptor, Location.Create(_path, _span, _lines), _type, _member, _detail);

    public bool Equals(Problem? other) => other is not null && _descriptor.Id == other._descriptor.Id && _type == other._type
        && _member == other._member && _detail == other._detail && _path == other._path && _span == other._span;

    public override bool Equals(object? obj) => Equals(obj as Problem);

    public override int GetHashCode() => _member.GetHashCode();

    private static DiagnosticDescriptor Describe(string id, string message) =>
        new(id, "Misuse of the grain model", message, "Orleans", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
