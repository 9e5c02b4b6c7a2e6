namespace SmartCity.Simulators;

/// <summary>Which column of a log is which field: by the mapping of the user, else by the names that logs usually use, whatever their case and unit.</summary>
public sealed class DriveTestColumns
{
    private static readonly string[] s_neighbours = ["n", "nbr", "neighbor", "neighbour"];
    private static readonly (string Field, string[] Names)[] s_neighbourFields = [("pci", ["pci", "nrpci"]), ("arfcn", ["arfcn", "nrarfcn"]), ("rsrp", ["rsrp", "ssrsrp", "nrssrsrp"])];

    private static readonly (string Field, string[] Names)[] s_fields =
    [
        ("ts", ["ts", "time", "timestamp", "datetime", "utc", "utctime", "gpstime", "date"]), ("lat", ["lat", "latitude", "gpslat"]),
        ("lon", ["lon", "lng", "long", "longitude", "gpslon"]), ("device", ["device", "ue", "imei", "imsi", "equipment"]), ("ncgi", ["ncgi", "cgi"]),
        ("plmn", ["plmn", "plmnid"]), ("nci", ["nci", "cellid", "nrcellid", "cellidentity"]), ("pci", ["pci", "nrpci", "servingpci", "physicalcellid"]),
        ("arfcn", ["arfcn", "nrarfcn", "ssbarfcn"]), ("rsrp", ["rsrp", "ssrsrp", "nrrsrp", "nrssrsrp", "servingrsrp"]),
        ("rsrq", ["rsrq", "ssrsrq", "nrrsrq", "nrssrsrq", "servingrsrq"]), ("sinr", ["sinr", "sssinr", "nrsinr", "nrsssinr", "servingsinr"]),
        ("dl", ["dl", "dlthroughput", "dlthp", "downlink", "pdcpdlthroughput"]), ("ul", ["ul", "ulthroughput", "ulthp", "uplink", "pdcpulthroughput"]),
        ("cqi", ["cqi", "nrcqi", "wbcqi", "widebandcqi"]), ("ri", ["ri", "rank", "nrri", "rankindicator"]), ("speed", ["speed", "gpsspeed", "velocity"]),
        .. Neighbours(),
    ];

    private readonly Dictionary<string, int> _index = [];

    /// <param name="header">Names as they are in the log; one that is there twice is taken as <c>RSRP</c> and <c>RSRP#2</c>.</param>
    /// <exception cref="ArgumentException">A field or a column does not exist, or one that a drive test must have is missing; the message names what there is.</exception>
    public DriveTestColumns(IReadOnlyList<string> header, DriveTestOptions options)
    {
        var names = Names(header);
        Count = names.Count;
        foreach (var (field, column) in options.Columns)
        {
            var place = options.ColumnPlaces.TryGetValue(field, out var where) ? $"{where}: {field}: {column}" : $"--map {field}={column}";
            if (!Fields.Contains(field)) throw new ArgumentException($"{place}: there is no field '{field}'; did you mean '{Nearest.Of(field, Fields)}'? Fields: {string.Join(", ", Fields)}.");
            var at = names.FindIndex(n => string.Equals(n, Clean(column), StringComparison.OrdinalIgnoreCase));
            if (at < 0) throw new ArgumentException($"{place}: the file has no column '{column}'; did you mean '{Nearest.Of(column, names)}'? Columns: {Quoted(names)}.");
            _index[field] = at;
        }

        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Length == 0 || _index.ContainsValue(i)) continue;
            var name = Plain(names[i]);
            var field = s_fields.FirstOrDefault(f => f.Names.Contains(name)).Field;
            if (field is null || !_index.TryAdd(field, i)) Unused.Add(names[i]);
        }

        foreach (var field in (string[])["ts", "lat", "lon", "rsrp"])
        {
            if (!_index.ContainsKey(field)) throw Missing(field, names);
        }

        if (_index.ContainsKey("ncgi") || (_index.ContainsKey("nci") && (options.Plmn is not null || _index.ContainsKey("plmn")))) return;
        throw new ArgumentException(
            _index.ContainsKey("nci")
                ? "The file has an NCI and no network; write --plmn 452-04, or map the column that has it: --map plmn=COLUMN."
                : $"No column names the cell. {Missing("ncgi", names).Message}");
    }

    /// <summary>Fields that a log can have.</summary>
    public static IReadOnlyList<string> Fields { get; } = [.. s_fields.Select(f => f.Field)];

    /// <summary>Those that are numbers and can have a factor.</summary>
    public static IReadOnlyList<string> Scaled { get; } = ["lat", "lon", "rsrp", "rsrq", "sinr", "dl", "ul", "speed", "n1rsrp", "n2rsrp", "n3rsrp"];

    /// <summary>Columns of the log.</summary>
    public int Count { get; }

    /// <summary>Columns that are not taken.</summary>
    public List<string> Unused { get; } = [];

    public bool Has(string field) => _index.ContainsKey(field);

    /// <summary>The text of a field in a row; empty when there is none.</summary>
    public string Text(IReadOnlyList<string> row, string field) => _index.TryGetValue(field, out var at) && at < row.Count ? row[at].Trim() : "";

    private static IEnumerable<(string Field, string[] Names)> Neighbours()
    {
        for (var n = 1; n <= 3; n++)
        {
            foreach (var (what, names) in s_neighbourFields) yield return ($"n{n}{what}", [.. from before in s_neighbours from name in names select $"{before}{n}{name}"]);
        }
    }

    // "SS-RSRP (dBm)" → "ssrsrp"
    private static string Plain(string name)
    {
        var unit = name.IndexOfAny(['(', '[']);
        return string.Concat((unit > 0 ? name[..unit] : name).Where(char.IsLetterOrDigit)).ToLowerInvariant();
    }

    // A name over two lines of a spreadsheet's cell is one name.
    private static string Clean(string name) => string.Join(' ', name.Split([' ', '\t', '\r', '\n', '\u00A0', '\uFEFF'], StringSplitOptions.RemoveEmptyEntries).Select(VietnameseText.Compose));

    private static List<string> Names(IReadOnlyList<string> header)
    {
        var names = new List<string>();
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in header.Select(Clean))
        {
            var times = seen[name] = seen.GetValueOrDefault(name) + 1;
            names.Add(times == 1 || name.Length == 0 ? name : $"{name}#{times}");
        }

        return names;
    }

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Where(n => n.Length > 0).Select(n => $"'{n}'"));

    private static ArgumentException Missing(string field, IReadOnlyList<string> names) =>
        new($"No column is '{field}'; say which one is: --map {field}=COLUMN, or 'columns' in a --mapping file. Columns: {Quoted(names)}.");
}
