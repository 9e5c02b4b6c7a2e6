using System.CommandLine;
using SmartCity.Simulators;

var root = new RootCommand("Simulated city devices and 5G cells over MQTT, and a load driver for brokers.")
{
    CityCommand.Create(), LoadCommand.Create(), SinkCommand.Create(), RecordCommand.Create(), ReplayCommand.Create(), ImportCommand.Create(),
};

// Ctrl+C: acknowledgements under way and the summary need more than the two seconds of the default.
return await root.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
