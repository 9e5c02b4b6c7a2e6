using System.CommandLine;

namespace SmartCity.Simulators;

/// <summary>The <c>import</c> command: a drive-test log into a recording, which <c>replay</c> plays.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var command = new Command("import", """
            Turns a drive-test log (CSV) into a recording. Dirty fields (-, blanks, sentinels such as -999) are left out, named and counted.

            Examples:
              import drive.csv drive.rec --topic city/nam/sg/mdt/car-7
              import drive.csv drive.rec --mapping operator.yaml           columns, scale, zone… of an operator's logs in a file; flags win
              import drive.csv drive.rec --map ts='UTC time' --map rsrp='Srv RSRP' --map nci='Cell' --plmn 452-04
              import drive.csv drive.rec --topic 'city/nam/sg/mdt/{device}' --map device=IMEI --zone +07:00 --time-format 'dd/MM/yyyy HH:mm:ss' --scale dl=1000
              replay drive.rec --speed 10

            A mapping file, every line of it optional:
              columns: {ts: Time, lat: Latitude, lon: Longitude, nci: Cell, rsrp: Srv RSRP}
              scale: {dl: 1000}
              sentinels: [-127]
              zone: +07:00
              time-format: dd/MM/yyyy HH:mm:ss
              plmn: 452-04
              topic: city/nam/sg/mdt/{device}
              delimiter: semicolon
              decimal: comma
              encoding: windows-1258
            """);
        var csv = new Argument<string>("csv") { Description = "The log; its first line names the columns" };
        var file = new Argument<string>("file") { Description = "The recording" };
        var mapping = new Option<string?>("--mapping") { Description = "YAML file with columns, scale, sentinels, zone, time-format, plmn, topic, delimiter, decimal, encoding" };
        var topic = new Option<string?>("--topic", "-t") { Description = $"Topic; {{device}} in it is the column device; without it {new DriveTestOptions().Topic}" };
        var map = new Option<string[]>("--map", "-m") { Description = $"FIELD=COLUMN; fields: {string.Join(", ", DriveTestColumns.Fields)}; the second column of a name is NAME#2" };
        var scale = new Option<string[]>("--scale") { Description = "FIELD=FACTOR; dl and ul are kbit/s, so dl=1000 for Mbit/s" };
        var sentinels = new Option<double[]>("--sentinel") { Description = "A number that means nothing measured, besides the usual ones (-999, -9999, 32767…)" };
        var zone = new Option<string?>("--zone") { Description = "Zone of times that name none, such as +07:00; without it UTC" };
        var format = new Option<string?>("--time-format") { Description = "Format of times that are neither Unix nor ISO 8601, such as 'dd/MM/yyyy HH:mm:ss'" };
        var plmn = new Option<string?>("--plmn") { Description = "Network of a log that has only an NCI, such as 452-04" };
        var delimiter = new Option<string?>("--delimiter") { Description = "One character, or comma, semicolon, tab, bar; without it the one that the header has most of" };
        var decimals = new Option<string?>("--decimal") { Description = "point or comma; without it both in a log that is not delimited by commas" };
        var encoding = new Option<string?>("--encoding") { Description = "Encoding of the log, such as windows-1258; without it UTF-8, or what its byte order mark says" };
        var json = CommonOptions.Json();
        command.Arguments.Add(csv);
        command.Arguments.Add(file);
        Option[] all = [mapping, topic, map, scale, sentinels, zone, format, plmn, delimiter, decimals, encoding, json];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(() =>
        {
            var usual = parsed.GetValue(mapping) is { } path ? DriveTestMapping.Load(path) : new();
            var columns = Pairs("--map", parsed.GetValue(map), DriveTestValues.Field, column => column);
            var options = usual with
            {
                Topic = parsed.GetValue(topic) ?? usual.Topic,
                Columns = With(usual.Columns, columns),
                ColumnPlaces = usual.ColumnPlaces.Where(p => !columns.ContainsKey(p.Key)).ToDictionary(),
                Scale = With(usual.Scale, Pairs("--scale", parsed.GetValue(scale), DriveTestValues.Scaled, DriveTestValues.Factor)),
                Sentinels = [.. usual.Sentinels, .. parsed.GetValue(sentinels) ?? []],
                Zone = Value("--zone", parsed.GetValue(zone), DriveTestValues.Zone, usual.Zone),
                TimeFormat = parsed.GetValue(format) ?? usual.TimeFormat,
                Plmn = Value("--plmn", parsed.GetValue(plmn), DriveTestValues.Plmn, usual.Plmn),
                Delimiter = Value<char?>("--delimiter", parsed.GetValue(delimiter), text => DriveTestValues.Delimiter(text), usual.Delimiter),
                Decimal = Value<char?>("--decimal", parsed.GetValue(decimals), text => DriveTestValues.Decimal(text), usual.Decimal),
                Encoding = Value("--encoding", parsed.GetValue(encoding), DriveTestValues.Encoding, usual.Encoding),
            };
            return RunAsync(parsed.GetRequiredValue(csv), parsed.GetRequiredValue(file), options, parsed.GetValue(json), stop);
        }, stop));
        return command;
    }

    private static async Task<int> RunAsync(string csv, string file, DriveTestOptions options, bool json, CancellationToken stop)
    {
        if (!File.Exists(csv)) throw new ArgumentException($"There is no file {csv}.");
        if (Path.GetFullPath(csv) == Path.GetFullPath(file)) throw new ArgumentException($"{csv} is the log; write another name for the recording, such as {Path.ChangeExtension(csv, ".rec")}.");
        if (Directory.Exists(file)) throw new ArgumentException($"{file} is a folder; name a file, such as {Path.Combine(file, "drive.rec")}.");
        if (File.Exists(file)) throw new ArgumentException($"{file} is there already; write another name for the recording, or delete it first.");
        using var stream = File.OpenRead(csv);
        using var text = LogText.Open(stream, csv, options.Encoding);

        // What fails in the middle must not look like a recording.
        var part = file + ".part";
        File.Delete(part);
        DriveTestReport report;
        try
        {
            report = await ReadAsync(stream, text, part, options, stop).ConfigureAwait(false);
            if (report.Taken > 0) File.Move(part, file);
        }
        finally
        {
            File.Delete(part);
        }

        var summary = ImportSummary.Of(report, file, stop.IsCancellationRequested);
        if (json) CommonOptions.PrintJson(summary);
        else Print(summary);
        return report.Taken > 0 ? CommonOptions.Done : CommonOptions.LeftOver;
    }

    private static async Task<DriveTestReport> ReadAsync(FileStream stream, StreamReader text, string file, DriveTestOptions options, CancellationToken stop)
    {
        using var writer = new RecordingWriter(file);
        var (meter, started) = (new RateMeter(), TimeProvider.System.GetTimestamp());
        return await ProgressLine.OfConsole.ShowAsync(
            Task.Run(() => new DriveTestImport(options).Run(text, writer, stop), CancellationToken.None),
            since => $"{ProgressLine.Eta(TimeProvider.System.GetElapsedTime(started), (double)stream.Position / stream.Length)}{meter.Next(writer.Messages, since):N0} rows/s, {writer.Messages:N0} taken").ConfigureAwait(false);
    }

    private static void Print(ImportSummary summary)
    {
        Console.WriteLine(summary.Taken == 0
            ? $"None of {summary.Rows:N0} rows could be taken, and {summary.File} is not made."
            : $"{summary.Taken:N0} of {summary.Rows:N0} rows are in {summary.File}{(summary.Stopped ? "; stopped early" : "")}.");
        foreach (var (why, count, line) in summary.RowsLeftOut) Console.WriteLine($"  {count:N0} rows left out {why}, the first in line {line}");
        foreach (var (field, why, count, line) in summary.FieldsLeftOut) Console.WriteLine($"  {field}: {count:N0} times {why}, the first in line {line}");
        if (summary.UnusedColumns.Count > 0) Console.WriteLine($"Columns that were not taken: {string.Join(", ", summary.UnusedColumns)}. --map FIELD=COLUMN takes one.");
    }

    private static Dictionary<string, T> With<T>(IReadOnlyDictionary<string, T> usual, Dictionary<string, T> own) =>
        usual.Where(u => !own.ContainsKey(u.Key)).Concat(own).ToDictionary();

    private static T Value<T>(string option, string? text, Func<string, T> parse, T usual)
    {
        try
        {
            return text is null ? usual : parse(text);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"{option}: {e.Message}");
        }
    }

    private static Dictionary<string, T> Pairs<T>(string option, string[]? pairs, Func<string, string> parseName, Func<string, T> parse)
    {
        var found = new Dictionary<string, T>();
        foreach (var pair in pairs ?? [])
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || at == pair.Length - 1) throw new ArgumentException($"{option} '{pair}' is not FIELD=VALUE; write for example {(option == "--map" ? "rsrp='SS-RSRP (dBm)'" : "dl=1000")}.");
            var name = Value(option, pair[..at].Trim(), parseName, "");
            if (!found.TryAdd(name, Value($"{option} {name}", pair[(at + 1)..].Trim(), parse, default!))) throw new ArgumentException($"{option} names {name} twice.");
        }

        return found;
    }
}
