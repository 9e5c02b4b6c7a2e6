namespace SmartCity.Simulators;

/// <summary>Which column of a log is which field: by the mapping of the user, else by the names that logs usually use, whatever their case and unit.</summary>
public sealed class DriveTestColumns
{
    private static readonly (string Field, string[] Names)[] s_fields =
    [
        ("ts", ["ts", "time", "timestamp", "datetime", "utc", "utctime", "gpstime", "date"]), ("lat", ["lat", "latitude", "gpslat"]),
        ("lon", ["lon", "lng", "long", "longitude", "gpslon"]), ("device", ["device", "ue", "imei", "imsi", "equipment"]), ("ncgi", ["ncgi", "cgi"]),
        ("plmn", ["plmn", "plmnid"]), ("nci", ["nci", "cellid", "nrcellid", "cellidentity"]), ("pci", ["pci", "nrpci", "servingpci", "physicalcellid"]),
        ("arfcn", ["arfcn", "nrarfcn", "ssbarfcn"]), ("rsrp", ["rsrp", "ssrsrp", "nrrsrp", "nrssrsrp", "servingrsrp"]),
        ("rsrq", ["rsrq", "ssrsrq", "nrrsrq", "nrssrsrq", "servingrsrq"]), ("sinr", ["sinr", "sssinr", "nrsinr", "nrsssinr", "servingsinr"]),
        ("dl", ["dl", "dlthroughput", "dlthp", "downlink", "pdcpdlthroughput"]), ("ul", ["ul", "ulthroughput", "ulthp", "uplink", "pdcpulthroughput"]),
    ];

    private readonly Dictionary<string, int> _index = [];

    /// <exception cref="ArgumentException">A field or a column does not exist, or one that a drive test must have is missing; the message names what there is.</exception>
    public DriveTestColumns(IReadOnlyList<string> header, DriveTestOptions options)
    {
        foreach (var (field, column) in options.Columns)
        {
            if (!s_fields.Any(f => f.Field == field)) throw new ArgumentException($"--map {field}=…: there is no field '{field}'. Fields: {string.Join(", ", s_fields.Select(f => f.Field))}.");
            var at = Enumerable.Range(0, header.Count).Where(i => string.Equals(header[i].Trim(), column, StringComparison.OrdinalIgnoreCase)).DefaultIfEmpty(-1).First();
            if (at < 0) throw new ArgumentException($"--map {field}={column}: the file has no column '{column}'. Columns: {string.Join(", ", header.Select(h => $"'{h.Trim()}'"))}.");
            _index[field] = at;
        }

        for (var i = 0; i < header.Count; i++)
        {
            if (_index.ContainsValue(i)) continue;
            var name = Plain(header[i]);
            var field = s_fields.FirstOrDefault(f => f.Names.Contains(name)).Field;
            if (field is null || !_index.TryAdd(field, i)) Unused.Add(header[i].Trim());
        }

        foreach (var field in (string[])["ts", "lat", "lon", "rsrp"])
        {
            if (!_index.ContainsKey(field)) throw Missing(field, header);
        }

        if (_index.ContainsKey("ncgi") || (_index.ContainsKey("nci") && (options.Plmn is not null || _index.ContainsKey("plmn")))) return;
        throw new ArgumentException(
            _index.ContainsKey("nci")
                ? "The file has an NCI and no network; write --plmn 452-04, or map the column that has it: --map plmn=COLUMN."
                : $"No column names the cell. {Missing("ncgi", header).Message}");
    }

    /// <summary>Columns that are not taken.</summary>
    public List<string> Unused { get; } = [];

    /// <summary>Fields that have a column.</summary>
    public IEnumerable<(string Field, int Column)> Used => _index.Select(f => (f.Key, f.Value));

    public bool Has(string field) => _index.ContainsKey(field);

    /// <summary>The text of a field in a row; empty when there is none.</summary>
    public string Text(IReadOnlyList<string> row, string field) => _index.TryGetValue(field, out var at) && at < row.Count ? row[at].Trim() : "";

    // "SS-RSRP (dBm)" → "ssrsrp"
    private static string Plain(string name)
    {
        var unit = name.IndexOfAny(['(', '[']);
        return string.Concat((unit > 0 ? name[..unit] : name).Where(char.IsLetterOrDigit)).ToLowerInvariant();
    }

    private static ArgumentException Missing(string field, IReadOnlyList<string> header) =>
        new($"No column is '{field}'; say which one is: --map {field}=COLUMN. Columns: {string.Join(", ", header.Select(h => $"'{h.Trim()}'"))}.");
}
