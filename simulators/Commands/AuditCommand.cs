using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace SmartCity.Simulators;

/// <summary>The <c>audit</c> command: whether a platform has what a truth says that it must have.</summary>
internal static class AuditCommand
{
    /// <summary>Something is not explained.</summary>
    public const int Unexplained = 3;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var command = new Command("audit", """
            Compares a platform with the truth that 'city --truth' wrote: windows, 15 minutes, hours and days of every device and area, ledger and dead letters.
            Exit code 0 when every reading is explained, 3 when one is not.

            Examples:
              audit --truth /tmp/truth
              audit --truth /tmp/truth --url http://platform:8080 --token $TOKEN --json
            """);
        var truth = new Option<string>("--truth", "-t") { Description = "Folder that 'city --truth' wrote", Required = true };
        var url = new Option<string>("--url", "-u") { Description = "Address of the platform's HTTP API", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
        var token = new Option<string?>("--token") { Description = "Bearer token" };
        var wait = new Option<double>("--wait") { Description = "Seconds to wait until the platform has stored everything", DefaultValueFactory = _ => 300 };
        var lateness = new Option<int?>("--lateness") { Description = "Window:LatenessSeconds of the platform; without it what the platform says" };
        var clock = new Option<int>("--clock") { Description = "How far the clocks of sender and platform may differ, milliseconds", DefaultValueFactory = _ => 1000 };
        var first = new Option<int>("--first") { Description = "Differences to print", DefaultValueFactory = _ => 20 };
        var json = new Option<bool>("--json") { Description = "Print the report as JSON" };
        Option[] all = [truth, url, token, wait, lateness, clock, first, json];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(async () =>
        {
            var text = parsed.GetRequiredValue(url);
            var options = new AuditOptions
            {
                Truth = parsed.GetRequiredValue(truth),
                Url = Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out var address)
                    ? address : throw new ArgumentException($"--url is '{text}'; write http://host:port, such as http://127.0.0.1:8080."),
                Token = parsed.GetValue(token),
                Wait = TimeSpan.FromSeconds(parsed.GetValue(wait)),
                LatenessSeconds = parsed.GetValue(lateness),
                ClockMs = parsed.GetValue(clock),
                First = parsed.GetValue(first),
            };
            var quiet = parsed.GetValue(json);
            var report = await new Audit(options, TimeProvider.System, quiet ? null : AnsiConsole.WriteLine).RunAsync(stop).ConfigureAwait(false);
            if (quiet) Console.WriteLine(JsonSerializer.Serialize(report, s_json));
            else Print(report);
            return report.Differences == 0 ? 0 : Unexplained;
        }));
        return command;
    }

    private static void Print(AuditReport report)
    {
        foreach (var difference in report.First) Console.WriteLine(difference);
        if (report.Differences > report.First.Count) Console.WriteLine($"… and {report.Differences - report.First.Count} more differences (--first).");
        Console.WriteLine($"{report.Readings} readings of {report.Devices} devices: {report.DeviceRows} rows of devices and {report.AreaRows} of areas, {report.CoverageSquares} squares of coverage compared in {report.Seconds:0.0} s.");
        Console.WriteLine("Ledger: " + string.Join(", ", report.Ledger.Select(l => $"{l.Key} {l.Value}")));
        Console.WriteLine($"Not compared, because the platform does not show them yet: {string.Join(", ", report.NotCompared)}.");
        Console.WriteLine("Causes: " + (report.Causes.Count == 0 ? "none" : string.Join(", ", report.Causes.Select(c => $"{c.Key} {c.Value}"))));
        Console.WriteLine($"{report.Unexplained} unexplained readings, {report.Differences} differences.");
    }
}
