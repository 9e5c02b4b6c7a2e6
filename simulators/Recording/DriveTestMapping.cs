using YamlDotNet.RepresentationModel;

namespace SmartCity.Simulators;

/// <summary>Reads how the columns of an operator's logs are read from a YAML file. What is wrong is said with file and line, and with what would be right.</summary>
internal static class DriveTestMapping
{
    private static readonly string[] s_keys = ["columns", "scale", "sentinels", "zone", "time-format", "plmn", "topic", "delimiter", "decimal", "encoding"];

    /// <exception cref="ArgumentException">It cannot be read; the message says what to change.</exception>
    public static DriveTestOptions Load(string path) =>
        File.Exists(path) ? Parse(File.ReadAllText(path), path) : throw new ArgumentException($"--mapping: there is no file {path}.");

    /// <summary>Reads the text of a file; what it does not name has its usual value.</summary>
    /// <exception cref="ArgumentException">File, line, what is wrong and what is right.</exception>
    public static DriveTestOptions Parse(string yaml, string name)
    {
        var file = new YamlFile(name);
        var root = file.Root(yaml, "a mapping file has names and values, such as\ncolumns:\n  rsrp: Srv RSRP\nzone: +07:00");
        var options = new DriveTestOptions();
        foreach (var (key, value) in file.Entries(root, s_keys))
        {
            options = key switch
            {
                "columns" => WithColumns(options, file, value),
                "scale" => options with { Scale = file.Entries(value, DriveTestColumns.Scaled).ToDictionary(e => e.Key, e => file.Parsed(e.Value, e.Key, DriveTestValues.Factor)) },
                "sentinels" => options with { Sentinels = [.. options.Sentinels, .. file.Sequence(value, key).Select(s => file.Number(s, key))] },
                "zone" => options with { Zone = file.Parsed(value, key, DriveTestValues.Zone) },
                "time-format" => options with { TimeFormat = file.Text(value, key) },
                "plmn" => options with { Plmn = file.Parsed(value, key, DriveTestValues.Plmn) },
                "topic" => options with { Topic = file.Text(value, key) },
                "delimiter" => options with { Delimiter = file.Parsed(value, key, DriveTestValues.Delimiter) },
                "decimal" => options with { Decimal = file.Parsed(value, key, DriveTestValues.Decimal) },
                _ => options with { Encoding = file.Parsed(value, key, DriveTestValues.Encoding) },
            };
        }

        return options;
    }

    private static DriveTestOptions WithColumns(DriveTestOptions options, YamlFile file, YamlNode node)
    {
        var columns = file.Entries(node, DriveTestColumns.Fields).ToList();
        return options with
        {
            Columns = columns.ToDictionary(c => c.Key, c => file.Text(c.Value, c.Key)),
            ColumnPlaces = columns.ToDictionary(c => c.Key, c => file.Place(c.Value)),
        };
    }
}
