using System.CommandLine;
using SmartCity.Simulators;

var root = new RootCommand("Simulated city devices and 5G cells over MQTT, an audit of what arrived, a load driver for brokers, and recordings of real traffic.")
{
    CityCommand.Create(), NetworkCommand.Create(), LoadCommand.Create(), AuditCommand.Create(), AnswersCommand.Create(), SinkCommand.Create(), RecordCommand.Create(), ReplayCommand.Create(),
    ImportCommand.Create(),
};

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var line in CommandErrors.Explain(parsed)) Console.Error.WriteLine(line);
    return CommonOptions.Failed;
}

// Ctrl+C: acknowledgements under way, a truth and the summary need more than the two seconds of the default, most of all when a broker has fallen silent.
return await parsed.InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
