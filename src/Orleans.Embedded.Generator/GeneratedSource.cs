using System;
using System.Collections.Immutable;
using System.Linq;

namespace Orleans.Generator;

/// <summary>What the generator makes of one type. Holds strings only, so that equal ones are recognised between builds.</summary>
internal sealed class GeneratedSource(string hintName, string source, string registration, ImmutableArray<Problem> problems) : IEquatable<GeneratedSource>
{
    public string HintName { get; } = hintName;

    /// <summary>Empty when nothing is to be written: because of problems, or because there is no need.</summary>
    public string Source { get; } = source;

    /// <summary>Line of the module initialiser; for use only when there is a source.</summary>
    public string Registration { get; } = registration;

    public ImmutableArray<Problem> Problems { get; } = problems;

    public bool Equals(GeneratedSource? other) => other is not null && HintName == other.HintName && Source == other.Source
        && Registration == other.Registration && Problems.SequenceEqual(other.Problems);

    public override bool Equals(object? obj) => Equals(obj as GeneratedSource);

    public override int GetHashCode() => HintName.GetHashCode();
}
