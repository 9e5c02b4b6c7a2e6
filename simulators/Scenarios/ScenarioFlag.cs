using YamlDotNet.RepresentationModel;

namespace SmartCity.Simulators;

/// <summary>A scenario on the command line with values of its own: <c>typhoon,from=06:00,for=8h,units=dn+hue,strength=1.5</c>.</summary>
internal static class ScenarioFlag
{
    private static readonly string[] s_lists = ["units", "regions", "metrics"];

    /// <summary>True for a text of this form.</summary>
    public static bool Is(string text) => text.Contains(',') && text.Contains('=');

    /// <summary>The name of the scenario whose values are changed.</summary>
    public static string NameOf(string text) => text[..text.IndexOf(',', StringComparison.Ordinal)];

    /// <summary>Puts the values in the place of those that the scenario's events have.</summary>
    /// <exception cref="ArgumentException">A part is no <c>name=value</c>.</exception>
    public static void Change(YamlMappingNode scenario, string text)
    {
        foreach (var part in text.Split(',').Skip(1))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at < 1) throw new ArgumentException($"--scenario {text}: '{part}' is no name=value; write it as typhoon,from=06:00,for=8h,units=dn+hue,strength=1.5.");
            var (name, value) = (part[..at], part[(at + 1)..]);
            foreach (var found in (YamlSequenceNode)scenario.Children["events"])
            {
                // Units and regions are two ways to say where: the new one takes the place of either.
                var events = ((YamlMappingNode)found).Children;
                if (name is "units" or "regions") _ = events.Remove("units") | events.Remove("regions");
                events[name] = s_lists.Contains(name) ? new YamlSequenceNode(value.Split('+').Select(v => new YamlScalarNode(v))) : new YamlScalarNode(value);
            }
        }
    }
}
