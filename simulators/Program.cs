using System.CommandLine;
using SmartCity.Simulators;

var root = new RootCommand("Simulated city devices and 5G cells over MQTT, and a load driver for brokers.") { CityCommand.Create(), LoadCommand.Create() };
return await root.Parse(args).InvokeAsync();
