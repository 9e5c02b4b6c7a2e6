using System.CommandLine;
using System.CommandLine.Parsing;

namespace SmartCity.Simulators;

/// <summary>What is wrong with a command line, in a line each, with what would be right.</summary>
internal static class CommandErrors
{
    public static IReadOnlyList<string> Explain(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var lines = new List<string>();
        if (command is RootCommand && parsed.UnmatchedTokens.Count == 0) return [$"Write a command: {string.Join(", ", command.Subcommands.Select(c => c.Name))}; --help says what they do."];
        if (command.Subcommands.Count > 0 && parsed.UnmatchedTokens.FirstOrDefault(t => !t.StartsWith('-')) is { } word)
        {
            lines.Add($"There is no command '{word}'; did you mean '{Nearest.Of(word, command.Subcommands.Select(c => c.Name))}'? Commands: {string.Join(", ", command.Subcommands.Select(c => c.Name))}.");
        }
        else
        {
            var options = command.Options.Select(o => o.Name).ToList();
            lines.AddRange(parsed.UnmatchedTokens.Where(t => t.StartsWith('-')).Select(t => t.Split('=')[0]).Select(t => $"There is no option '{t}'; did you mean '{Nearest.Of(t, options)}'?"));

            // What follows an unknown option is its value, and no mistake of its own.
            lines.AddRange(parsed.Errors.Where(e => !parsed.UnmatchedTokens.Any(t => e.Message.Contains($"'{t}'", StringComparison.Ordinal))).Select(Explain));
            if (lines.Count == 0) lines.Add($"There is no place for '{string.Join(' ', parsed.UnmatchedTokens)}'; put what has spaces into quotes.");
        }

        lines.Add($"{(command is RootCommand ? "" : command.Name + " ")}--help says more.");
        return lines;
    }

    private static string Explain(ParseError error)
    {
        if (error.SymbolResult is not OptionResult { Tokens: [.., var last] } option || !error.Message.StartsWith("Cannot parse", StringComparison.Ordinal)) return error.Message;
        var type = option.Option.ValueType;
        type = type.IsArray ? type.GetElementType()! : Nullable.GetUnderlyingType(type) ?? type;
        var (what, example) = type == typeof(DateTimeOffset) ? ("time", "2026-01-31T06:00:00+07:00") : type == typeof(double) ? ("number", "0.5") : ("whole number", "100");
        return $"{option.Option.Name} '{last.Value}' is no {what}; write for example {option.Option.Name} {example}.";
    }
}
