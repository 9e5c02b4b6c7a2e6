using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SmartCity.Contracts;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>
/// Turns a drive-test log (CSV) into a recording of <c>mdt</c> messages. What is dirty is left out and counted by field and reason: a field alone, or the
/// row when it is one that a sample must have (<c>ts, lat, lon, ncgi, rsrp</c>).
/// </summary>
public sealed partial class DriveTestImport(DriveTestOptions options)
{
    private static readonly string[] s_nothing = ["", "-", "--", "---", "n/a", "na", "#n/a", "nan", "null", "none", "?", "inf", "-inf"];
    private static readonly string[] s_optional = ["pci", "arfcn", "rsrq", "sinr", "cqi", "ri", "dl", "ul", "speed", "n1pci", "n1arfcn", "n1rsrp", "n2pci", "n2arfcn", "n2rsrp", "n3pci", "n3arfcn", "n3rsrp"];
    private static readonly Dictionary<string, MetricInfo> s_metrics = KindCatalog.Find("mdt")!.Metrics.ToDictionary(m => m.Name);
    private readonly HashSet<double> _sentinels = [.. options.Sentinels];
    private char? _delimiter;

    /// <summary>Reads all rows. A row with more fields than the log has columns is left out as a whole.</summary>
    /// <exception cref="ArgumentException">The file has no header, or an option does not fit it; the message says what to write instead.</exception>
    public DriveTestReport Run(TextReader csv, RecordingWriter writer, CancellationToken stop = default)
    {
        var (header, lines) = Header(csv);
        if (header.Contains('\0', StringComparison.Ordinal)) throw new ArgumentException("The file is UTF-16 without a byte order mark; write --encoding utf-16 (or utf-16BE).");
        _delimiter = options.Delimiter ?? _delimiter ?? CsvReader.Guess(header);
        var columns = new DriveTestColumns(new CsvReader(new StringReader(header), _delimiter.Value).Read() ?? throw new ArgumentException("The first line is blank; it must name the columns."), options);
        var perDevice = options.Topic.Contains("{device}", StringComparison.Ordinal);
        if (perDevice && !columns.Has("device")) throw new ArgumentException("--topic has {device}, and no column is the device; say which one is: --map device=COLUMN, or write a name instead.");
        if (MqttTopic.CheckName(Encoding.UTF8.GetBytes(options.Topic)) is { } violation) throw new ArgumentException($"--topic {options.Topic}: {violation.Message}");
        var report = new DriveTestReport { UnusedColumns = columns.Unused };
        var rows = new CsvReader(csv, _delimiter.Value, firstLine: lines + 1);
        while (!stop.IsCancellationRequested && rows.Read() is { } row)
        {
            report.Rows++;

            // What stands in which column is not known; an unquoted 12,5 in a log with commas is the usual reason.
            if (row.Count > columns.Count && row.Skip(columns.Count).Any(f => f.Trim().Length > 0)) report.Row("with more fields than columns", rows.Line);
            else if (Message(row, columns, report, rows.Line, perDevice) is { } message)
            {
                writer.Add(message);
                report.Taken++;
            }
        }

        writer.Flush();
        return report;
    }

    /// <summary>The names of the columns, which may go over several lines, and how many lines are read.</summary>
    private (string Text, int Lines) Header(TextReader csv)
    {
        var lines = 1;
        var header = csv.ReadLine() ?? throw new ArgumentException("The file is empty; its first line must name the columns.");

        // Spreadsheets say so which delimiter they wrote.
        if (header.Length == 5 && header.StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
        {
            (_delimiter, lines) = (header[4], 2);
            header = csv.ReadLine() ?? throw new ArgumentException("The file ends behind its first line; the second must name the columns.");
        }

        while (header.Count(c => c == '"') % 2 == 1 && header.Length < CsvReader.LongestField && csv.ReadLine() is { } more) (header, lines) = ($"{header}\n{more}", lines + 1);
        return (header, lines);
    }

    private RecordedMessage? Message(List<string> row, DriveTestColumns columns, DriveTestReport report, int line, bool perDevice)
    {
        var topic = options.Topic;
        if (perDevice)
        {
            var device = columns.Text(row, "device");
            if (!DeviceName().IsMatch(device)) return Without("device", $"'{Short(device)}' is no device name");
            topic = topic.Replace("{device}", device, StringComparison.Ordinal);
        }

        if (Time(columns.Text(row, "ts"), out var noTime) is not { } ms) return Without("ts", noTime);
        if (Number(columns.Text(row, "lat"), "lat", -90, 90, out var noLat) is not { } lat) return Without("lat", noLat);
        if (Number(columns.Text(row, "lon"), "lon", -180, 180, out var noLon) is not { } lon) return Without("lon", noLon);
        if (lat == 0 && lon == 0) return Without("lat", "0, 0: no position fix");
        if (Ncgi(row, columns, out var noCell) is not { } ncgi) return Without("ncgi", noCell);
        if (Metric(row, columns, "rsrp", out var noRsrp) is not { } rsrp) return Without("rsrp", noRsrp);
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteNumber("ts", ms);

            // Two rows of one moment are two samples.
            writer.WriteNumber("seq", line);
            writer.WriteNumber("lat", lat);
            writer.WriteNumber("lon", lon);
            writer.WriteString("ncgi", ncgi);
            writer.WriteNumber("rsrp", rsrp);
            foreach (var field in s_optional)
            {
                if (!columns.Has(field)) continue;
                if (Metric(row, columns, field, out var why) is { } value) writer.WriteNumber(field, value);
                else report.Field(field, why, line);
            }

            writer.WriteEndObject();
        }

        return new(ms * 1000, Encoding.UTF8.GetBytes(topic), json.ToArray(), 1, false);

        RecordedMessage? Without(string field, string why)
        {
            report.Field(field, why, line);
            report.Row($"without {field}", line);
            return null;
        }
    }

    private double? Metric(List<string> row, DriveTestColumns columns, string field, out string why) =>
        Number(columns.Text(row, field), field, s_metrics[field].Min, s_metrics[field].Max, out why);

    private double? Number(string text, string field, double min, double max, out string why)
    {
        if (IsNothing(text, out why)) return null;

        // A log with semicolons comes from a country that writes 12,5.
        var plain = (options.Decimal ?? (_delimiter == ',' ? '.' : ',')) == '.' ? text : text.Replace(',', '.');
        if (!double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value)) why = "no number";
        else if (_sentinels.Contains(value)) why = $"sentinel {value.ToString(CultureInfo.InvariantCulture)}";
        else
        {
            value *= options.Scale.GetValueOrDefault(field, 1);
            if (value >= min && value <= max) return value;
            why = $"outside {min.ToString(CultureInfo.InvariantCulture)} to {max.ToString(CultureInfo.InvariantCulture)}";
        }

        return null;
    }

    private long? Time(string text, out string why)
    {
        if (IsNothing(text, out why)) return null;
        why = "no time";
        if (options.TimeFormat is { } format)
        {
            return DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault, out var exact) ? Unix(exact, out why) : null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            // Seconds until the year 5138; milliseconds from 1973 on.
            var ms = Math.Abs(number) < 1e11 ? number * 1000 : number;
            if (ms is > 946_684_800_000 and < 4_102_444_800_000) return (long)Math.Round(ms);
            why = "a number that is no Unix time of 2000 to 2099";
            return null;
        }

        // 01/02/2026 is the first of February in Vietnam and the second of January elsewhere: whoever has such a log says which.
        if (text.Length < 10 || text[4] is not ('-' or '/')) return null;
        return DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) ? Unix(time, out why) : null;
    }

    private long? Unix(DateTime time, out string why)
    {
        // A receiver without a fix writes the first year of its calendar, and a zone would lead out of that.
        why = time.Year == 1 ? "a time without a date" : "no time of 2000 to 2099";
        if (time.Year is < 2000 or > 2099) return null;
        return (time.Kind == DateTimeKind.Unspecified ? new DateTimeOffset(time, options.Zone) : new DateTimeOffset(time)).ToUnixTimeMilliseconds();
    }

    private string? Ncgi(List<string> row, DriveTestColumns columns, out string why)
    {
        var text = columns.Text(row, "ncgi");
        if (columns.Has("ncgi"))
        {
            if (IsNothing(text, out why)) return null;
            why = "no NCGI (such as 452-04-0A1B2C3D4)";
            return NcgiText().IsMatch(text) ? text.ToUpperInvariant() : null;
        }

        var nci = columns.Text(row, "nci");
        if (IsNothing(nci, out why)) return null;
        var plmn = options.Plmn ?? columns.Text(row, "plmn");
        var network = DriveTestValues.PlmnText().Match(plmn);
        if (!network.Success)
        {
            why = $"no PLMN (such as 452-04): '{Short(plmn)}'";
            return null;
        }

        // Logs write an NCI in decimals, or in hex with a mark or a letter.
        var hex = nci.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var digits = hex ? nci[2..] : nci;
        why = "no NCI of 36 bits";
        if (!long.TryParse(digits, hex || digits.Any(char.IsAsciiLetter) ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
        if (_sentinels.Contains(number)) why = $"sentinel {number}";
        return number is > 0 and < 1L << 36 && !_sentinels.Contains(number) ? $"{network.Groups[1].Value}-{network.Groups[2].Value}-{number:X9}" : null;
    }

    private static bool IsNothing(string text, out string why)
    {
        var nothing = s_nothing.Contains(text, StringComparer.OrdinalIgnoreCase);
        why = !nothing ? "" : text.Length == 0 ? "blank" : $"'{text}'";
        return nothing;
    }

    private static string Short(string text) => text.Length <= 20 ? text : text[..20] + "…";

    [GeneratedRegex("^[A-Za-z0-9._:-]{1,64}$")]
    private static partial Regex DeviceName();

    [GeneratedRegex("^[0-9]{3}-[0-9]{2,3}-[0-9A-Fa-f]{9}$")]
    private static partial Regex NcgiText();
}
