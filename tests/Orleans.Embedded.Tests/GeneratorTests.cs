using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Orleans;
using Orleans.Generator;

namespace SmartCity.Orleans.Tests;

/// <summary>What the source generator says of wrong grain interfaces and writes for right ones.</summary>
public sealed class GeneratorTests
{
    [Theory]
    [InlineData("int Count();", "SCG001", "'IBad.Count' must return Task")]
    [InlineData("void Forget();", "SCG001", "'IBad.Forget' must return Task")]
    [InlineData("System.Threading.Tasks.Task<int>[] Many();", "SCG001", "'IBad.Many' must return Task")]
    [InlineData("Task Put<T>(T value);", "SCG002", "'IBad.Put' is generic")]
    [InlineData("int Size { get; }", "SCG003", "'IBad.Size' is not a method")]
    [InlineData("event System.Action Changed;", "SCG003", "'IBad.Changed' is not a method")]
    [InlineData("Task Swap(ref int a);", "SCG004", "'IBad.Swap' has a ref, in or out parameter")]
    [InlineData("Task Get(out int a);", "SCG004", "'IBad.Get' has a ref, in or out parameter")]
    [InlineData("Task Look(in int a);", "SCG004", "'IBad.Look' has a ref, in or out parameter")]
    public void A_wrong_member_is_an_error_at_its_place(string member, string id, string message)
    {
        var (diagnostics, output, _) = Run($$"""
            using System.Threading.Tasks;
            using Orleans;
            public interface IBad : IGrainWithStringKey
            {
                Task Fine();
                {{member}}
            }
            """);
        Assert.Equal((id, DiagnosticSeverity.Error), (Assert.Single(diagnostics).Id, diagnostics[0].Severity));
        Assert.Contains(message, diagnostics[0].GetMessage(null), StringComparison.Ordinal);
        Assert.Equal(5, diagnostics[0].Location.GetLineSpan().StartLinePosition.Line);
        Assert.Empty(output); // no code for an interface that is wrong
    }

    [Theory]
    [InlineData("Task Wait(Task other);", "SCG006", "'System.Threading.Tasks.Task'")]
    [InlineData("Task<System.IO.Stream> Open();", "SCG006", "'System.IO.Stream'")]
    [InlineData("Task Put(System.Collections.Generic.List<Plain> all);", "SCG006", "'Plain'")]
    [InlineData("Task Put(int[,] all);", "SCG006", "'int[*,*]'")]
    [InlineData("Task Put(System.Collections.Immutable.ImmutableArray<int[]> all);", "SCG006", "'System.Collections.Immutable.ImmutableArray<int[]>'")]
    [InlineData("Task Put(System.Collections.Frozen.FrozenDictionary<string, System.Collections.Generic.List<int>> all);", "SCG006", "'System.Collections.Frozen.FrozenDictionary<")]
    [InlineData("[Orleans.Concurrency.OneWay] Task<int> Ask();", "SCG011", "'IBad.Ask' is [OneWay] and has a result")]
    [InlineData("Task Stop(System.Threading.CancellationToken a, System.Threading.CancellationToken b);", "SCG012", "'IBad.Stop' takes more than one CancellationToken")]
    public void What_would_fail_on_Orleans_does_not_compile(string member, string id, string message)
    {
        var (diagnostics, _, _) = Run($$"""
            using System.Threading.Tasks;
            using Orleans;
            public sealed class Plain { public int Number { get; set; } }
            public interface IBad : IGrainWithStringKey { {{member}} }
            """);
        var error = Assert.Single(diagnostics);
        Assert.Equal((id, DiagnosticSeverity.Error), (error.Id, error.Severity));
        Assert.Contains(message, error.GetMessage(null), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_types_with_one_alias_do_not_compile()
    {
        var (diagnostics, _, _) = Run("""
            using Orleans;
            [GenerateSerializer, Alias("reading")] public sealed class One { }
            [GenerateSerializer, Alias("READING")] public sealed class Other { }
            [GenerateSerializer, Alias("reading")] public sealed class Two { }
            """);
        var error = Assert.Single(diagnostics);
        Assert.Equal(("SCG013", DiagnosticSeverity.Error, 3), (error.Id, error.Severity, error.Location.GetLineSpan().StartLinePosition.Line));
        Assert.Contains("'Two' has the alias 'reading' of 'One'", error.GetMessage(null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public sealed class Message { [Id(0)] public int A { get; set; } public int B { get; set; } }", "SCG007", "'Message.B' has no [Id(n)]")]
    [InlineData("public sealed class Message { [Id(0)] public int A { get; set; } private int _b; public int B() => ++_b; }", "SCG007", "'Message._b' has no [Id(n)]")]
    [InlineData("public sealed class Message { [Id(0)] public int A { get; set; } private readonly int[] _b = []; public int B() => _b.Length; }", "SCG007", "'Message._b' has no [Id(n)]")]
    [InlineData("public sealed class Message { [Id(0)] public int A { get; set; } public int B { get; } }", "SCG007", "'Message.B' has no [Id(n)]")]
    [InlineData("public sealed class Message { [Id(0)] public int A { get; set; } internal int B { get; set; } }", "SCG007", "'Message.B' has no [Id(n)]")]
    [InlineData("public sealed class Message : Plain { [Id(0)] public int A { get; set; } } public class Plain { public int B { get; set; } }", "SCG014", "'Message' derives from 'Plain'")]
    [InlineData("public sealed class Message : System.Collections.Generic.List<int> { [Id(0)] public int A { get; set; } }", "SCG014", "'Message' derives from 'System.Collections.Generic.List<int>'")]
    [InlineData("public sealed class Message : Fixed<int> { [Id(0)] public int A { get; set; } } [GenerateSerializer, Immutable] public class Fixed<T> { [Id(0)] public T? B { get; init; } }", "SCG014", "'Message' derives from 'Fixed<int>'")]
    [InlineData("public sealed class Message { [Id(0)] public int A { get; set; } [Id(0)] public int B { get; set; } }", "SCG008", "'B' and 'A'")]
    [InlineData("public sealed class Message { [Id(0)] public System.IO.Stream? A { get; set; } }", "SCG009", "'Message.A' holds 'System.IO.Stream")]
    [InlineData("public sealed class Message<T> { [Id(0)] public T[]? A { get; set; } }", "SCG010", "'Message' is generic and mutable")]
    public void A_message_whose_members_would_not_arrive_does_not_compile(string type, string id, string message)
    {
        var (diagnostics, _, _) = Run("#nullable enable\nusing Orleans;\n[GenerateSerializer] " + type);
        var error = Assert.Single(diagnostics);
        Assert.Equal((id, DiagnosticSeverity.Error), (error.Id, error.Severity));
        Assert.Contains(message, error.GetMessage(null), StringComparison.Ordinal);
    }

    [Fact]
    public void A_right_message_of_any_shape_is_no_error_and_its_copier_compiles()
    {
        var (diagnostics, output, compiled) = Run("""
            #nullable enable
            using System.Collections.Generic;
            using System.Threading.Tasks;
            using Orleans;
            [GenerateSerializer] public class Base { [Id(0)] public List<int>? Numbers { get; set; } }
            [GenerateSerializer] public sealed class Derived : Base { [Id(0)] private string _text = ""; [Id(1)] public required Base[] All { get; init; } public string Text => _text; }
            [GenerateSerializer] public record Positional(int A, List<string> B);
            [GenerateSerializer] public struct Pair { [Id(0)] public int[]? A; [Id(1)] public Dictionary<string, Pair[]>? B; }
            [GenerateSerializer, Immutable] public sealed class Fixed<T> { [Id(0)] public required T Value { get; init; } }
            public interface IGood : IGrainWithStringKey { Task<(Derived, Pair)> Ask(Base a, [Immutable] Positional b, Fixed<int> c, IReadOnlyList<Pair?> d, IGood e); }
            public sealed class Good : Grain, IGood { public Task<(Derived, Pair)> Ask(Base a, Positional b, Fixed<int> c, IReadOnlyList<Pair?> d, IGood e) => throw new System.NotSupportedException(); }
            """);
        Assert.Empty(diagnostics);
        Assert.Equal(4, output.Count(s => s.Contains("_Copier : ", StringComparison.Ordinal)));
        Assert.Empty(compiled.Where(d => d.Severity == DiagnosticSeverity.Error));
    }

    [Fact]
    public void What_is_marked_as_not_sent_and_what_keeps_nothing_needs_no_id()
    {
        var (diagnostics, _, compiled) = Run("""
            #nullable enable
            using System;
            using System.Collections.Generic;
            using System.Collections.Immutable;
            using System.Threading.Tasks;
            using Orleans;
            [GenerateSerializer] public class Message
            {
                [NonSerialized] private int _cached;
                [field: NonSerialized] public int Local { get; set; }
                private static int s_count;
                public const int Most = 5;
                [Id(0)] public int A { get => _cached; private set => _cached = value; }
                [Id(1)] public List<int> B { get; init; } = [];
                public int Twice => 2 * A;
                public static int Count() => ++s_count;
            }
            [GenerateSerializer] public struct Small { [NonSerialized] private int[]? _a; [Id(0)] public int[]? A { readonly get => _a; set => _a = value; } }
            [GenerateSerializer] public sealed class Failure : Exception { [Id(0)] public int Code { get; set; } }
            [GenerateSerializer, Immutable] public record Fixed([property: Id(0)] int A);
            public interface IGood : IGrainWithStringKey { Task<Small> Ask(Message a, ImmutableArray<Fixed> b, ImmutableDictionary<string, (int, Fixed?)> c, Failure d); }
            """);
        Assert.Empty(diagnostics);
        Assert.Empty(compiled.Where(d => d.Severity == DiagnosticSeverity.Error));
    }

    [Fact]
    public void An_interface_in_parts_with_constants_and_helpers_is_written_once()
    {
        var (diagnostics, output, compiled) = Run("""
            using System.Threading.Tasks;
            using Orleans;
            public partial interface IGood : IGrainWithStringKey { const int Most = 3; Task A(); static int Half() => Most / 2; enum Kind { One } }
            public partial interface IGood : IGrainWithStringKey { Task B(); }
            public partial interface IGood { Task C(); }
            public sealed class Good : Grain, IGood { public Task A() => Task.CompletedTask; public Task B() => Task.CompletedTask; public Task C() => Task.CompletedTask; }
            """);
        Assert.Empty(diagnostics);
        Assert.Empty(compiled.Where(d => d.Severity >= DiagnosticSeverity.Warning));
        Assert.Contains("IGood_C_2", Assert.Single(output, s => s.Contains("class IGood_Reference", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_generic_interface_is_an_error()
    {
        var (diagnostics, _, _) = Run("public interface IBox<T> : Orleans.IGrainWithStringKey { System.Threading.Tasks.Task Put(T value); }");
        var error = Assert.Single(diagnostics);
        Assert.Equal("SCG005", error.Id);
        Assert.Contains("'IBox' is generic; use one grain interface per type", error.GetMessage(null), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistake_of_an_interface_is_named()
    {
        var (diagnostics, _, _) = Run("public interface IWorst<T> : Orleans.IGrainWithStringKey { int P { get; } void M<U>(ref int a); }");
        Assert.Equal(["SCG001", "SCG002", "SCG003", "SCG004", "SCG005"], diagnostics.Select(d => d.Id).Distinct().Order());
    }

    [Fact]
    public void A_wrong_interface_does_not_spoil_the_others()
    {
        var (diagnostics, output, _) = Run("""
            using System.Threading.Tasks;
            using Orleans;
            public interface IBad : IGrainWithStringKey { int Count(); }
            public interface IGood : IGrainWithStringKey { Task Work(); }
            public sealed class Good : Grain, IGood { public Task Work() => Task.CompletedTask; }
            """);
        Assert.Single(diagnostics);
        Assert.Contains(output, s => s.Contains("IGood_Reference", StringComparison.Ordinal));
        Assert.DoesNotContain(output, s => s.Contains("IBad", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_written_compiles_for_every_shape_of_method()
    {
        var (diagnostics, output, compiled) = Run("""
            #nullable enable
            using System.Collections.Generic;
            using System.Threading.Tasks;
            using Orleans;
            namespace Deep.Space
            {
                public interface IBase : IGrainWithStringKey { Task Inherited(); }
                public interface IShapes : IBase
                {
                    Task A(); Task<int> B(); ValueTask C(); ValueTask<string?> D(string? text);
                    Task Overloaded(int a); Task Overloaded(string a);
                    Task Words(int @class, string @event, IReadOnlyList<(int A, string? B)> @namespace);
                    ValueTask<Dictionary<string, int[]>> Nested(params int[] numbers);
                    Task Send(object anything); Task Key(); Task<string> ToString(); Task Target(); // names that the reference's base class has too
                }
                public sealed class Shapes : Grain, IShapes
                {
                    public Task Inherited() => Task.CompletedTask;
                    public Task A() => Task.CompletedTask;
                    public Task<int> B() => Task.FromResult(1);
                    public ValueTask C() => default;
                    public ValueTask<string?> D(string? text) => new(text);
                    public Task Overloaded(int a) => Task.CompletedTask;
                    public Task Overloaded(string a) => Task.CompletedTask;
                    public Task Words(int @class, string @event, IReadOnlyList<(int A, string? B)> @namespace) => Task.CompletedTask;
                    public ValueTask<Dictionary<string, int[]>> Nested(params int[] numbers) => default;
                    public Task Send(object anything) => Task.CompletedTask;
                    public Task Key() => Task.CompletedTask;
                    Task<string> IShapes.ToString() => Task.FromResult("");
                    public Task Target() => Task.CompletedTask;
                }
                public abstract class NoGrainOfItsOwn : Grain, IShapes2 { public abstract Task X(); }
                public interface IShapes2 : IGrainWithStringKey { Task X(); }
            }
            """);
        Assert.Empty(diagnostics);
        Assert.Empty(compiled.Where(d => d.Severity >= DiagnosticSeverity.Warning));
        var initializer = Assert.Single(output, s => s.Contains("ModuleInitializer", StringComparison.Ordinal));
        Assert.Contains("AddClass(typeof(global::Deep.Space.IShapes), typeof(global::Deep.Space.Shapes))", initializer, StringComparison.Ordinal);
        Assert.DoesNotContain("NoGrainOfItsOwn", initializer, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_written_for_an_assembly_without_grains() => Assert.Empty(Run("public interface IPlain { int X(); } public class C : IPlain { public int X() => 1; }").Output);

    [Fact]
    public void An_edit_elsewhere_writes_nothing_anew()
    {
        var compilation = Compile("public interface IGood : Orleans.IGrainWithStringKey { System.Threading.Tasks.Task Work(); }");
        var options = new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true);
        var driver = CSharpGeneratorDriver.Create([new GrainGenerator().AsSourceGenerator()], driverOptions: options).RunGenerators(compilation, TestContext.Current.CancellationToken);
        driver = driver.RunGenerators(compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Unrelated { }", cancellationToken: TestContext.Current.CancellationToken)), TestContext.Current.CancellationToken);
        var reasons = driver.GetRunResult().Results[0].TrackedOutputSteps.SelectMany(s => s.Value).SelectMany(s => s.Outputs).Select(o => o.Reason).ToList();
        Assert.NotEmpty(reasons);
        Assert.All(reasons, r => Assert.True(r is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, r.ToString()));
    }

    private static (ImmutableArray<Diagnostic> Diagnostics, List<string> Output, ImmutableArray<Diagnostic> Compiled) Run(string source)
    {
        var driver = CSharpGeneratorDriver.Create(new GrainGenerator())
            .RunGeneratorsAndUpdateCompilation(Compile(source), out var updated, out _, TestContext.Current.CancellationToken);
        var result = driver.GetRunResult();
        Assert.Null(result.Results[0].Exception);
        return (result.Diagnostics, [.. result.GeneratedTrees.Select(t => t.ToString())], updated.GetDiagnostics(TestContext.Current.CancellationToken));
    }

    private static CSharpCompilation Compile(string source)
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileName(p).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(p) is "netstandard.dll" or "mscorlib.dll");
        return CSharpCompilation.Create("Sample", [CSharpSyntaxTree.ParseText(source, cancellationToken: TestContext.Current.CancellationToken)],
            platform.Append(typeof(Grain).Assembly.Location).Select(p => MetadataReference.CreateFromFile(p)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
    }
}
