using System.CommandLine;

namespace SmartCity.Simulators;

/// <summary>The <c>audit</c> command: whether a platform has what a truth says that it must have.</summary>
internal static class AuditCommand
{
    /// <summary>Something is not explained.</summary>
    public const int Unexplained = 3;

    /// <summary>Environment variable that has the bearer token.</summary>
    public const string TokenVariable = "SMARTCITY_TOKEN";

    public static Command Create()
    {
        var command = new Command("audit", """
            Compares a platform with the truth that 'city --truth' wrote: windows, 15 minutes, hours and days of every device and area, ledger and dead letters.
            Exit code 0 when every reading is explained, 3 when one is not, 2 when it shows nothing: no reading was acknowledged (QoS 0), or the platform had not stored everything yet.

            Examples:
              audit --truth /tmp/truth
              audit --truth /tmp/truth --url http://platform:8080 --json      the token, where one is needed, in SMARTCITY_TOKEN
            """);
        var truth = new Option<string>("--truth", "-t") { Description = "Folder that 'city --truth' wrote", Required = true };
        var url = new Option<string>("--url", "-u") { Description = "Address of the platform's HTTP API", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
        var token = new Option<string?>("--token") { Description = $"Bearer token that may read; without it {TokenVariable} of the environment, which other users of the machine cannot read" };
        var wait = new Option<double>("--wait") { Description = "Seconds to wait until the platform has stored everything", DefaultValueFactory = _ => 300 };
        var lateness = new Option<int?>("--lateness") { Description = "Window:LatenessSeconds of the platform; without it what the platform says" };
        var clock = new Option<int>("--clock") { Description = "How far the clocks of sender and platform may differ, milliseconds", DefaultValueFactory = _ => 1000 };
        var first = new Option<int>("--first") { Description = "Differences to print", DefaultValueFactory = _ => 20 };
        var json = CommonOptions.Json();
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
                Token = parsed.GetValue(token) ?? (Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } secret ? secret : null),
                Wait = CommonOptions.Seconds("--wait", parsed.GetValue(wait), CommonOptions.Longest),
                LatenessSeconds = parsed.GetValue(lateness),
                ClockMs = parsed.GetValue(clock),
                First = parsed.GetValue(first),
            };
            var audit = new Audit(options, TimeProvider.System, text => ProgressLine.OfConsole.Note(text));
            AuditReport report;
            try
            {
                report = await ProgressLine.OfConsole.ShowAsync(audit.RunAsync(stop), Describe(audit)).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return PrintStopped(audit, parsed.GetValue(json));
            }

            if (parsed.GetValue(json)) CommonOptions.PrintJson(report);
            else Print(report);
            if (report.Differences > 0) return report.Settled ? Unexplained : CommonOptions.LeftOver;
            return report.Readings == 0 ? CommonOptions.LeftOver : CommonOptions.Done;
        }, stop));
        return command;
    }

    private static Func<TimeSpan, string> Describe(Audit audit)
    {
        var meter = new RateMeter();
        return since =>
        {
            var now = audit.Progress;
            return now.Elapsed == TimeSpan.Zero
                ? $"The audit {now.Phase}"
                : $"{ProgressLine.Eta(now.Elapsed, now.Part)}The audit {now.Phase}: {meter.Next(now.Rows, since):N0} rows/s, {now.Rows:N0} rows, {now.Differences:N0} differences";
        };
    }

    /// <summary>What was found until Ctrl+C. Differences are differences; that there were none so far says nothing of the rest.</summary>
    private static int PrintStopped(Audit audit, bool json)
    {
        var progress = audit.Progress;
        if (json)
        {
            CommonOptions.PrintJson(new AuditStopped(true, progress.Part, progress.Rows, progress.Differences, audit.First));
        }
        else
        {
            foreach (var difference in audit.First) Console.WriteLine(difference);
            Console.WriteLine($"Stopped early, with {progress.Part:P0} compared: {progress.Rows:N0} rows, {progress.Differences:N0} differences. The rest is not known.");
        }

        return progress.Differences == 0 ? CommonOptions.Cancelled : Unexplained;
    }

    private static void Print(AuditReport report)
    {
        foreach (var difference in report.First) Console.WriteLine(difference);
        if (report.Differences > report.First.Count) Console.WriteLine($"… and {report.Differences - report.First.Count} more differences (--first).");
        Console.WriteLine($"{report.Readings} readings of {report.Devices} devices: {report.DeviceRows} rows of devices and {report.AreaRows} of areas, {report.LatestValues} latest values, {report.CoverageSquares} squares of coverage compared in {report.Seconds:0.0} s.");
        if (report.Possible > 0) Console.WriteLine($"{report.Possible} more may be there or not: they were never acknowledged. Of {report.LooseRows} rows with many of them only bounds are known.");
        if (report.Readings == 0) Console.WriteLine("No reading is certain to be there, so this audit shows nothing: publish with --qos 1 or 2.");
        Console.WriteLine("Ledger: " + string.Join(", ", report.Ledger.Select(l => $"{l.Key} {l.Value}")));
        Console.WriteLine($"Not compared, because the platform does not show them yet: {string.Join(", ", report.NotCompared)}.");
        Console.WriteLine("Causes: " + (report.Causes.Count == 0 ? "none" : string.Join(", ", report.Causes.Select(c => $"{c.Key} {c.Value}"))));
        if (!report.Settled) Console.WriteLine("The platform had not stored everything yet, so differences may be nothing but that: audit again, or wait longer with --wait.");
        Console.WriteLine($"{report.Unexplained} unexplained readings, {report.Differences} differences.");
    }
}
