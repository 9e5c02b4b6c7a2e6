using System.Globalization;
using SmartCity.Contracts;
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
        if (Path.HasExtension(nameOrFile) || nameOrFile.Contains('/')) throw new ArgumentException($"There is no file '{nameOrFile}' with a scenario. Scenarios that come with the program: {string.Join(", ", BuiltIn)}.");
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

    private static YamlMappingNode Root(string yaml, string file) =>
        new YamlFile(file).Root(yaml, "a scenario is one mapping with name and events, such as\nname: storm\nevents:\n  - kind: typhoon\n    from: 06:00\n    for: 4h");

    private static Scenario Parse(YamlMappingNode root, string file)
    {
        var source = new YamlFile(file);
        var name = Path.GetFileNameWithoutExtension(file);
        var events = new List<ScenarioEvent>();
        var faults = new Dictionary<string, double>();
        foreach (var (key, value) in source.Entries(root, s_top))
        {
            if (key == "name") name = source.Text(value, key);
            if (key == "events") events.AddRange(source.Sequence(value, key).Select(node => Event(node, source)));
            if (key == "faults") ReadFaults(value, source, faults);
        }

        return events.Count + faults.Count > 0
            ? new(name, events, faults)
            : throw source.Wrong(root, "nothing happens in it; add 'events' or 'faults'.");
    }

    private static void ReadFaults(YamlNode node, YamlFile file, Dictionary<string, double> faults)
    {
        foreach (var (name, value) in file.Entries(node, [.. FaultRates.Names, "all"]))
        {
            var rate = file.Number(value, name);
            try
            {
                new FaultRates().Set(name, rate);
            }
            catch (ArgumentException e)
            {
                throw file.Wrong(value, e.Message);
            }

            faults[name] = rate;
        }
    }

    private static ScenarioEvent Event(YamlNode node, YamlFile file)
    {
        var entries = file.Entries(node, s_keys).ToDictionary(e => e.Key, e => e.Value);
        if (!entries.TryGetValue("kind", out var kindNode)) throw file.Wrong(node, $"an event needs 'kind', one of {string.Join(", ", s_kinds.Select(k => k.Name))}.");
        var kindName = file.Text(kindNode, "kind");
        var index = Array.FindIndex(s_kinds, k => k.Name == kindName);
        if (index < 0) throw file.Wrong(kindNode, $"there is no kind '{kindName}'; did you mean '{Nearest.Of(kindName, s_kinds.Select(k => k.Name))}'?");
        if (!entries.TryGetValue("from", out var fromNode)) throw file.Wrong(node, "an event needs 'from', a time of the day in UTC+7 (06:00) or after the start (+90m).");
        if (!entries.TryGetValue("for", out var forNode)) throw file.Wrong(node, "an event needs 'for', how long it lasts, such as 90m or 4h.");
        var from = file.Text(fromNode, "from");
        var result = new ScenarioEvent
        {
            Kind = s_kinds[index].Kind,
            Name = kindName,
            FromStart = from.StartsWith('+'),
            From = from.StartsWith('+') ? Duration(fromNode, from[1..], file, "from") : TimeOfDay(fromNode, from, file),
            For = Length(forNode, file.Text(forNode, "for"), file),
            Units = Units(entries, file),
        };
        foreach (var (key, value) in entries)
        {
            result = key switch
            {
                "strength" => result with { Strength = file.Ranged(value, key, 0.01, 10) },
                "ward" => result with { Ward = (int)file.Ranged(value, key, 1, 8) },
                "cells" => result with { Cells = (int)file.Ranged(value, key, 1, 1000) },
                "device-kind" => result with { DeviceKind = file.Known(value, key, [.. KindCatalog.All.Select(k => k.Code)]) },
                _ => result,
            };
        }

        if (!entries.TryGetValue("metrics", out var metrics)) return result;
        var known = KindCatalog.Find(result.DeviceKind)!.Metrics.Select(m => m.Name).ToList();
        return result with { Metrics = [.. file.Sequence(metrics, "metrics").Select(m => file.Known(m, "metrics", known))] };
    }

    private static List<string> Units(Dictionary<string, YamlNode> entries, YamlFile file)
    {
        var units = new List<string>();
        var all = Geography.Default.Units;
        if (entries.TryGetValue("units", out var names)) units.AddRange(file.Sequence(names, "units").Select(n => file.Known(n, "units", [.. all.Select(u => u.Code)])));
        if (!entries.TryGetValue("regions", out var regions)) return units;
        foreach (var node in file.Sequence(regions, "regions"))
        {
            var region = file.Known(node, "regions", [.. Geography.Default.Regions.Select(r => r.Code)]);
            units.AddRange(all.Where(u => u.Region == region).Select(u => u.Code));
        }

        return units;
    }

    private static TimeSpan TimeOfDay(YamlNode node, string text, YamlFile file) =>
        TimeSpan.TryParseExact(text, [@"h\:mm", @"hh\:mm", @"hh\:mm\:ss"], CultureInfo.InvariantCulture, out var time)
            ? time : throw file.Wrong(node, $"'from' is '{text}'; write a time of the day in UTC+7, such as 06:00, or a time after the start, such as +90m.");

    private static TimeSpan Length(YamlNode node, string text, YamlFile file)
    {
        var length = Duration(node, text, file, "for");
        return length >= TimeSpan.FromSeconds(1) ? length : throw file.Wrong(node, $"'for' is '{text}'; it must last at least a second, such as 90m.");
    }

    private static TimeSpan Duration(YamlNode node, string text, YamlFile file, string key)
    {
        var factor = text.Length > 1 ? text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 } : 0;
        return factor > 0 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value * factor is >= 0 and <= 400 * 86_400.0
            ? TimeSpan.FromSeconds(value * factor)
            : throw file.Wrong(node, $"'{key}' has '{text}'; write a number with s, m, h or d, such as 90m.");
    }
}
