using System.CommandLine;
using SmartCity.Simulators;

var root = new RootCommand("Simulated city devices and 5G cells over MQTT, a load driver for brokers, and an audit of what arrived.") { CityCommand.Create(), LoadCommand.Create(), AuditCommand.Create() };
return await root.Parse(args).InvokeAsync();
