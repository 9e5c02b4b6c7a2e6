using System.CommandLine;
using System.Globalization;
using System.Text;

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
              import drive.csv drive.rec --map ts='UTC time' --map rsrp='Srv RSRP' --map nci='Cell' --plmn 452-04
              import drive.csv drive.rec --topic 'city/nam/sg/mdt/{device}' --map device=IMEI --zone +07:00 --time-format 'dd/MM/yyyy HH:mm:ss' --scale dl=1000
              replay drive.rec --speed 10
            """);
        var csv = new Argument<string>("csv") { Description = "The log; its first line names the columns" };
        var file = new Argument<string>("file") { Description = "The recording" };
        var topic = new Option<string>("--topic", "-t") { Description = "Topic; {device} in it is the column device", DefaultValueFactory = _ => new DriveTestOptions().Topic };
        var map = new Option<string[]>("--map", "-m") { Description = "FIELD=COLUMN; fields: ts, lat, lon, device, ncgi, plmn, nci, pci, arfcn, rsrp, rsrq, sinr, dl, ul" };
        var scale = new Option<string[]>("--scale") { Description = "FIELD=FACTOR; dl and ul are kbit/s, so dl=1000 for Mbit/s" };
        var sentinels = new Option<double[]>("--sentinel") { Description = "A number that means nothing measured, besides the usual ones (-999, -9999, 32767…)" };
        var zone = new Option<string>("--zone") { Description = "Zone of times that name none, such as +07:00", DefaultValueFactory = _ => "+00:00" };
        var format = new Option<string?>("--time-format") { Description = "Format of times that are neither Unix nor ISO 8601, such as 'dd/MM/yyyy HH:mm:ss'" };
        var plmn = new Option<string?>("--plmn") { Description = "Network of a log that has only an NCI, such as 452-04" };
        var delimiter = new Option<string?>("--delimiter") { Description = "One character, or tab; without it the one that the header has most of" };
        command.Arguments.Add(csv);
        command.Arguments.Add(file);
        Option[] all = [topic, map, scale, sentinels, zone, format, plmn, delimiter];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(() =>
        {
            var options = new DriveTestOptions
            {
                Topic = parsed.GetRequiredValue(topic),
                Columns = Pairs("--map", parsed.GetValue(map)),
                Scale = Pairs("--scale", parsed.GetValue(scale)).ToDictionary(p => p.Key, p => Factor(p.Key, p.Value)),
                Sentinels = [.. new DriveTestOptions().Sentinels, .. parsed.GetValue(sentinels) ?? []],
                Zone = Zone(parsed.GetRequiredValue(zone)),
                TimeFormat = parsed.GetValue(format),
                Plmn = parsed.GetValue(plmn),
                Delimiter = Delimiter(parsed.GetValue(delimiter)),
            };
            return RunAsync(parsed.GetRequiredValue(csv), parsed.GetRequiredValue(file), options, stop);
        }));
        return command;
    }

    private static async Task<int> RunAsync(string csv, string file, DriveTestOptions options, CancellationToken stop)
    {
        if (!File.Exists(csv)) throw new ArgumentException($"There is no file {csv}.");
        using var stream = File.OpenRead(csv);
        using var text = new StreamReader(stream, Encoding.UTF8);
        using var writer = new RecordingWriter(file);
        var started = TimeProvider.System.GetTimestamp();
        long before = 0;
        var report = await ProgressLine.ShowAsync(
            Task.Run(() => new DriveTestImport(options).Run(text, writer, stop), CancellationToken.None),
            since =>
            {
                var now = writer.Messages;
                var rate = (now - before) / since.TotalSeconds;
                before = now;
                return $"{rate:N0} rows/s, {now:N0} taken{ProgressLine.Eta(TimeProvider.System.GetElapsedTime(started), stream.Length == 0 ? 0 : (double)stream.Position / stream.Length)}";
            },
            TimeProvider.System).ConfigureAwait(false);
        Console.WriteLine($"{report.Taken:N0} of {report.Rows:N0} rows are in {file}{(stop.IsCancellationRequested ? "; stopped early" : "")}.");
        foreach (var (why, count, line) in report.LeftOut) Console.WriteLine($"  {count:N0} rows left out {why}, the first in line {line}");
        foreach (var (field, why, count, line) in report.Fields) Console.WriteLine($"  {field}: {count:N0} times {why}, the first in line {line}");
        if (report.UnusedColumns.Count > 0) Console.WriteLine($"Columns that were not taken: {string.Join(", ", report.UnusedColumns)}. --map FIELD=COLUMN takes one.");
        return report.Taken > 0 ? 0 : 2;
    }

    private static Dictionary<string, string> Pairs(string option, string[]? pairs)
    {
        var found = new Dictionary<string, string>();
        foreach (var pair in pairs ?? [])
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || at == pair.Length - 1) throw new ArgumentException($"{option} '{pair}' is not FIELD=VALUE; write for example {(option == "--map" ? "rsrp='SS-RSRP (dBm)'" : "dl=1000")}.");
            if (!found.TryAdd(pair[..at].Trim(), pair[(at + 1)..].Trim())) throw new ArgumentException($"{option} names {pair[..at]} twice.");
        }

        return found;
    }

    private static double Factor(string field, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor) && double.IsFinite(factor) && factor != 0
            ? factor
            : throw new ArgumentException($"--scale {field}={text}: '{text}' is no factor; write for example {field}=1000.");

    private static TimeSpan Zone(string text) =>
        TimeSpan.TryParse(text.TrimStart('+'), CultureInfo.InvariantCulture, out var zone) && text.Contains(':', StringComparison.Ordinal) && zone.Duration() <= TimeSpan.FromHours(14)
            ? zone
            : throw new ArgumentException($"--zone '{text}' is no zone; write +07:00.");

    private static char? Delimiter(string? text) => text switch
    {
        null => null,
        "tab" or "\\t" => '\t',
        [var one] => one,
        _ => throw new ArgumentException($"--delimiter '{text}' is not one character; write ; or tab."),
    };
}
