namespace SmartCity.Silo;

/// <summary>Makes the command line what .NET configuration expects.</summary>
internal static class SiloArguments
{
    private static readonly string[] s_switches = ["--Demo"];

    /// <summary>Gives switches without a value (<c>--Demo</c>) the value true; otherwise the next argument would become their value, or they would be ignored.</summary>
    public static string[] Normalize(string[] args)
    {
        var result = new List<string>(args.Length);
        for (var i = 0; i < args.Length; i++)
        {
            var isSwitch = s_switches.Contains(args[i], StringComparer.OrdinalIgnoreCase);
            var hasValue = i + 1 < args.Length && bool.TryParse(args[i + 1], out _);
            result.Add(isSwitch && !hasValue ? args[i] + "=true" : args[i]);
        }

        return [.. result];
    }

    /// <summary>The first argument that is no option, or null; such an argument would be ignored silently.</summary>
    public static string? FindStray(string[] args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal)) return args[i];
            if (!args[i].Contains('=', StringComparison.Ordinal)) i++; // its value
        }

        return null;
    }

    /// <summary>The first option that nothing reads, or null; a misspelt one would be ignored silently.</summary>
    public static string? FindUnknown(string[] args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            var hasValue = args[i].Contains('=', StringComparison.Ordinal);
            var option = hasValue ? args[i][..args[i].IndexOf('=', StringComparison.Ordinal)] : args[i];
            if (!SiloKeys.IsKnown(option[2..])) return option;
            if (!hasValue) i++;
        }

        return null;
    }
}
