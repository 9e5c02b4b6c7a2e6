using System.CommandLine;

namespace SmartCity.Simulators;

/// <summary>The <c>answers</c> command: the right answers of a truth as files.</summary>
internal static class AnswersCommand
{
    public static Command Create()
    {
        var command = new Command("answers", """
            Writes the right answers of a truth into its folder 'answers': windows and rollups of devices and areas, coverage, ledger, and alarms that must fire and must not.
            'city --truth' does so at its end, for windows of a minute; this command is for other windows.

            Examples:
              answers --truth /tmp/truth --window 10
              zcat /tmp/truth/answers/alarms.jsonl.gz | grep '"must":"fire"'
            """);
        var truth = new Option<string>("--truth", "-t") { Description = "Folder that 'city --truth' wrote", Required = true };
        var window = new Option<int>("--window") { Description = "Window:Seconds of the platform", DefaultValueFactory = _ => 60 };
        var lateness = new Option<int>("--lateness") { Description = "Window:LatenessSeconds of the platform", DefaultValueFactory = _ => 120 };
        var json = CommonOptions.Json();
        Option[] all = [truth, window, lateness, json];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(async () =>
        {
            var folder = parsed.GetRequiredValue(truth);
            var lines = await Task.Run(() => AnswerFiles.Write(folder, parsed.GetValue(window), parsed.GetValue(lateness), stop), stop).ConfigureAwait(false);
            if (parsed.GetValue(json)) CommonOptions.PrintJson(lines);
            else Console.WriteLine($"{string.Join(", ", lines.Select(l => $"{l.Key} {l.Value}"))} lines in {AnswerFiles.FolderOf(folder)}.");
            return CommonOptions.Done;
        }, stop));
        return command;
    }
}
