using System.Globalization;
using SmartCity.Contracts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SmartCity.Simulators;

/// <summary>Reads scenarios from YAML. What is wrong is said with file and line, and with what would be right.</summary>
public static class ScenarioReader
{
    private static readonly string[] s_top = ["name", "about", "events", "faults"];
    private static readonly string[] s_keys = ["kind", "from", "for", "units", "regions", "strength", "ward", "cells", "device-kind", "metrics"];

    private static readonly (string Name, ScenarioKind Kind)[] s_kinds =
    [
        ("rush-hour", ScenarioKind.RushHour), ("typhoon", ScenarioKind.Typhoon), ("air-pollution", ScenarioKind.AirPollution), ("festival", ScenarioKind.Festival),
        ("power-cut", ScenarioKind.PowerCut), ("cell-outage", ScenarioKind.CellOutage), ("sleeping-cell", ScenarioKind.SleepingCell),
        ("swapped-sectors", ScenarioKind.SwappedSectors), ("pci-confusion", ScenarioKind.PciConfusion), ("overshooting-tilt", ScenarioKind.OvershootingTilt),
        ("coverage-hole", ScenarioKind.CoverageHole), ("publish-storm", ScenarioKind.PublishStorm), ("firmware-freeze", ScenarioKind.FirmwareFreeze),
    ];

    /// <summary>Scenarios that come with the program.</summary>
    public static IReadOnlyList<string> BuiltIn { get; } = [.. s_kinds.Select(k => k.Name), "everything"];

    /// <summary>Reads a scenario that comes with the program, one with values of its own (<see cref="ScenarioFlag"/>), or a file.</summary>
    /// <exception cref="ArgumentException">There is no such scenario, or it makes no sense; the message says what to write instead.</exception>
    public static Scenario Load(string nameOrFile)
    {
        if (BuiltIn.Contains(nameOrFile)) return Parse(TextOf(nameOrFile), nameOrFile + ".yaml");
        if (ScenarioFlag.Is(nameOrFile) && BuiltIn.Contains(ScenarioFlag.NameOf(nameOrFile)))
        {
            var root = Root(TextOf(ScenarioFlag.NameOf(nameOrFile)), nameOrFile);
            ScenarioFlag.Change(root, nameOrFile);
            return Parse(root, "--scenario " + nameOrFile);
        }

        if (File.Exists(nameOrFile)) return Parse(File.ReadAllText(nameOrFile), nameOrFile);
        throw new ArgumentException(
            $"There is neither a scenario nor a file '{nameOrFile}'; did you mean '{Nearest.Of(nameOrFile, BuiltIn)}'? Scenarios: {string.Join(", ", BuiltIn)}.");
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="ArgumentException">File, line, what is wrong and what is right.</exception>
    public static Scenario Parse(string yaml, string file) => Parse(Root(yaml, file), file);

    private static string TextOf(string name)
    {
        using var stream = typeof(ScenarioReader).Assembly.GetManifestResourceStream($"Scenarios.{name}.yaml") ?? throw new InvalidOperationException($"The scenario {name} is not in the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static YamlMappingNode Root(string yaml, string file)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new ArgumentException($"{file}, line {e.Start.Line}: this is no YAML: {e.Message}");
        }

        return stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root
            ? root : throw new ArgumentException($"{file}, line 1: a scenario is one mapping with name and events, such as\nname: storm\nevents:\n  - kind: typhoon\n    from: 06:00\n    for: 4h");
    }

    private static Scenario Parse(YamlMappingNode root, string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var events = new List<ScenarioEvent>();
        var faults = new Dictionary<string, double>();
        foreach (var (key, value) in Entries(root, s_top, file))
        {
            if (key == "name") name = Text(value, file, key);
            if (key == "events") events.AddRange(Sequence(value, file, key).Select(node => Event(node, file)));
            if (key == "faults") ReadFaults(value, file, faults);
        }

        return events.Count + faults.Count > 0
            ? new(name, events, faults)
            : throw new ArgumentException($"{file}, line {root.Start.Line}: nothing happens in it; add 'events' or 'faults'.");
    }

    private static void ReadFaults(YamlNode node, string file, Dictionary<string, double> faults)
    {
        foreach (var (name, value) in Entries(node, [.. FaultRates.Names, "all"], file))
        {
            var rate = Number(value, file, name);
            try
            {
                new FaultRates().Set(name, rate);
            }
            catch (ArgumentException e)
            {
                throw Wrong(value, file, e.Message);
            }

            faults[name] = rate;
        }
    }

    private static ScenarioEvent Event(YamlNode node, string file)
    {
        var entries = Entries(node, s_keys, file).ToDictionary(e => e.Key, e => e.Value);
        if (!entries.TryGetValue("kind", out var kindNode)) throw Wrong(node, file, $"an event needs 'kind', one of {string.Join(", ", s_kinds.Select(k => k.Name))}.");
        var kindName = Text(kindNode, file, "kind");
        var index = Array.FindIndex(s_kinds, k => k.Name == kindName);
        if (index < 0) throw Wrong(kindNode, file, $"there is no kind '{kindName}'; did you mean '{Nearest.Of(kindName, s_kinds.Select(k => k.Name))}'?");
        if (!entries.TryGetValue("from", out var fromNode)) throw Wrong(node, file, "an event needs 'from', a time of the day in UTC+7 (06:00) or after the start (+90m).");
        if (!entries.TryGetValue("for", out var forNode)) throw Wrong(node, file, "an event needs 'for', how long it lasts, such as 90m or 4h.");
        var from = Text(fromNode, file, "from");
        var result = new ScenarioEvent
        {
            Kind = s_kinds[index].Kind,
            Name = kindName,
            FromStart = from.StartsWith('+'),
            From = from.StartsWith('+') ? Duration(fromNode, from[1..], file, "from") : TimeOfDay(fromNode, from, file),
            For = Duration(forNode, Text(forNode, file, "for"), file, "for"),
            Units = Units(entries, file),
        };
        foreach (var (key, value) in entries)
        {
            result = key switch
            {
                "strength" => result with { Strength = Ranged(value, file, key, 0.01, 10) },
                "ward" => result with { Ward = (int)Ranged(value, file, key, 1, 8) },
                "cells" => result with { Cells = (int)Ranged(value, file, key, 1, 1000) },
                "device-kind" => result with { DeviceKind = Known(value, file, key, [.. KindCatalog.All.Select(k => k.Code)]) },
                _ => result,
            };
        }

        if (!entries.TryGetValue("metrics", out var metrics)) return result;
        var known = KindCatalog.Find(result.DeviceKind)!.Metrics.Select(m => m.Name).ToList();
        return result with { Metrics = [.. Sequence(metrics, file, "metrics").Select(m => Known(m, file, "metrics", known))] };
    }

    private static List<string> Units(Dictionary<string, YamlNode> entries, string file)
    {
        var units = new List<string>();
        var all = Geography.Default.Units;
        if (entries.TryGetValue("units", out var names)) units.AddRange(Sequence(names, file, "units").Select(n => Known(n, file, "units", [.. all.Select(u => u.Code)])));
        if (!entries.TryGetValue("regions", out var regions)) return units;
        foreach (var node in Sequence(regions, file, "regions"))
        {
            var region = Known(node, file, "regions", [.. Geography.Default.Regions.Select(r => r.Code)]);
            units.AddRange(all.Where(u => u.Region == region).Select(u => u.Code));
        }

        return units;
    }

    private static IEnumerable<(string Key, YamlNode Value)> Entries(YamlNode node, string[] known, string file)
    {
        if (node is not YamlMappingNode mapping) throw Wrong(node, file, $"here must be 'name: value' lines; known names: {string.Join(", ", known)}.");
        foreach (var (keyNode, value) in mapping.Children)
        {
            var key = (keyNode as YamlScalarNode)?.Value ?? string.Empty;
            if (!known.Contains(key)) throw Wrong(keyNode, file, $"there is no '{key}' here; did you mean '{Nearest.Of(key, known)}'? Known: {string.Join(", ", known)}.");
            yield return (key, value);
        }
    }

    private static IEnumerable<YamlNode> Sequence(YamlNode node, string file, string key) =>
        node is YamlSequenceNode sequence ? sequence.Children : throw Wrong(node, file, $"'{key}' must be a list: [a, b], or lines that begin with '- '.");

    private static string Text(YamlNode node, string file, string key) =>
        node is YamlScalarNode { Value: { Length: > 0 } text } ? text : throw Wrong(node, file, $"'{key}' must have one value.");

    private static string Known(YamlNode node, string file, string key, IReadOnlyList<string> known)
    {
        var text = Text(node, file, key);
        return known.Contains(text) ? text : throw Wrong(node, file, $"'{key}' has '{text}'; did you mean '{Nearest.Of(text, known)}'? Known: {string.Join(", ", known)}.");
    }

    private static double Number(YamlNode node, string file, string key) =>
        double.TryParse(Text(node, file, key), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value : throw Wrong(node, file, $"'{key}' is '{Text(node, file, key)}'; write a number, such as 0.5.");

    private static double Ranged(YamlNode node, string file, string key, double from, double to) =>
        Number(node, file, key) is var value && value >= from && value <= to
            ? value : throw Wrong(node, file, string.Create(CultureInfo.InvariantCulture, $"'{key}' is {value}; it must be {from} to {to}."));

    private static TimeSpan TimeOfDay(YamlNode node, string text, string file) =>
        TimeSpan.TryParseExact(text, [@"h\:mm", @"hh\:mm", @"hh\:mm\:ss"], CultureInfo.InvariantCulture, out var time)
            ? time : throw Wrong(node, file, $"'from' is '{text}'; write a time of the day in UTC+7, such as 06:00, or a time after the start, such as +90m.");

    private static TimeSpan Duration(YamlNode node, string text, string file, string key)
    {
        var factor = text.Length > 1 ? text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 } : 0;
        return factor > 0 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value * factor is >= 0 and <= 400 * 86_400.0
            ? TimeSpan.FromSeconds(value * factor)
            : throw Wrong(node, file, $"'{key}' has '{text}'; write a number with s, m, h or d, such as 90m.");
    }

    private static ArgumentException Wrong(YamlNode node, string file, string what) => new($"{file}, line {node.Start.Line}: {what}");
}
