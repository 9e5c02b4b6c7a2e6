using System.CommandLine;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>The <c>network</c> command: the 5G network of a city without its other devices.</summary>
internal static class NetworkCommand
{
    /// <summary>Clashes that are printed one by one; the others are counted.</summary>
    private const int MostShown = 10;

    public static Command Create()
    {
        var (city, sizes) = (new CityOptions(), new NetworkOptions());
        var command = new Command("network", """
            Simulates the 5G networks of three operators: cells with counters of TS 28.552 at the end of every granularity period, drive tests and phones of people that log MDT.

            Examples:
              network                                         90 sites with 270 cells, 30 phones, counters every 15 minutes
              network --sites 2000 --phones 500 --granularity 300
              network --speed 96 --truth /tmp/truth           a day in 15 minutes; then: audit --truth /tmp/truth
              network --scenario sleeping-cell --scenario swapped-sectors --regions bac
              network --plan sites.csv                        writes the site plan, checks its PCIs and sends nothing
              network --plan sites.geojson --scenario pci-confusion
            """);
        var url = MqttEndpoint.Url();
        var sites = new Option<int>("--sites") { Description = "Sites of all operators; each has three cells", DefaultValueFactory = _ => sizes.Sites };
        var phones = new Option<int>("--phones") { Description = "Phones: two of three in vehicles, the others of people on foot", DefaultValueFactory = _ => sizes.Phones };
        var granularity = new Option<int>("--granularity", "-g")
        {
            Description = $"Granularity period of the counters in seconds: {string.Join(", ", NetworkOptions.Granularities)}",
            DefaultValueFactory = _ => 900,
        };
        var seed = new Option<int>("--seed", "-s") { Description = "Same seed, same network and traffic", DefaultValueFactory = _ => city.Seed };
        var qos = CommonOptions.QoS((int)city.QoS);
        var regions = new Option<string>("--regions") { Description = "Regions, separated by commas", DefaultValueFactory = _ => string.Join(',', city.Regions) };
        var duration = new Option<double?>("--duration") { Description = "Seconds of the network's own time to run; without it until Ctrl+C, or a day with --speed" };
        var connections = new Option<int>("--connections", "-c") { Description = "MQTT connections", DefaultValueFactory = _ => city.Connections };
        var faults = new Option<string[]>("--fault", "-f")
        {
            Description = $"Faults with their share of messages: name=rate, name, all or all=FACTOR; several with commas. Names: {string.Join(", ", FaultRates.Names)}",
            DefaultValueFactory = _ => [],
        };
        var scenarios = new Option<string[]>("--scenario") { Description = $"What happens: a YAML file, or {string.Join(", ", ScenarioReader.BuiltIn)}", DefaultValueFactory = _ => [] };
        var truth = new Option<string?>("--truth", "-t") { Description = "Folder in which to write what was sent, what was broken and why; for audit" };
        var speed = new Option<double>("--speed") { Description = "How many times faster than the clock the network lives; the day ends now. So many times as many messages", DefaultValueFactory = _ => 1 };
        var start = new Option<DateTimeOffset?>("--start") { Description = "When the network's time begins, RFC 3339; without it so that it ends now" };
        var plan = new Option<string?>("--plan") { Description = "File for the site plan, CSV or .geojson; prints the check of the PCIs and sends nothing" };
        Option[] all = [url, sites, phones, granularity, seed, qos, regions, duration, connections, faults, scenarios, truth, speed, start, plan];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(async () =>
        {
            var happening = parsed.GetRequiredValue(scenarios).Select(ScenarioReader.Load).ToList();
            var rates = new FaultRates();
            foreach (var (name, value) in happening.SelectMany(s => s.Faults)) rates.Set(name, value);
            foreach (var text in parsed.GetRequiredValue(faults)) rates.Parse(text);
            var network = new NetworkOptions { Sites = parsed.GetValue(sites), Phones = parsed.GetValue(phones) };
            var options = city with
            {
                Network = network,
                Devices = (network.Sites * RadioNetwork.SectorsPerSite) + network.Phones,
                Granularity = parsed.GetValue(granularity),
                Scenarios = happening,
                Seed = parsed.GetValue(seed),
                QoS = (MqttQoS)parsed.GetValue(qos),
                Regions = parsed.GetRequiredValue(regions).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                Duration = parsed.GetValue(duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                Connections = parsed.GetValue(connections),
            };
            network.Validate();
            options.Validate();
            if (parsed.GetValue(plan) is { } file) return Plan(options, file, parsed.GetValue(start) ?? TimeProvider.System.GetUtcNow());
            var run = new CityRunOptions { Speed = parsed.GetValue(speed), Length = options.Duration, Start = parsed.GetValue(start), Faults = rates, Truth = parsed.GetValue(truth) };
            if (rates.Any || run.Truth is not null || run.Speed != 1 || run.Start is not null) return await CityCommand.RunAsync(parsed.GetRequiredValue(url), options, run, stop).ConfigureAwait(false);
            return await CityCommand.RunAsync(parsed.GetRequiredValue(url), options, stop).ConfigureAwait(false);
        }));
        return command;
    }

    /// <summary>Writes the plan, and says what is wrong with its PCIs and with those that scenarios let cells send.</summary>
    private static int Plan(CityOptions options, string file, DateTimeOffset start)
    {
        var startMs = start.ToUnixTimeMilliseconds();
        var world = new CityWorld(options, startMs);
        NetworkPlan.Write(world.Radio, file);
        Console.WriteLine($"{world.Radio.Sites.Count:N0} sites with {world.Radio.Cells.Count:N0} cells in {world.Radio.Cities.Count} cities are in {file}.");
        Print("Plan", PciCheck.Run(world.Radio), startMs, world.Radio);
        foreach (var problem in world.Radio.Problems().Where(p => p.Kind == "pci-confusion").DistinctBy(p => p.FromMs))
            Print($"At {DateTimeOffset.FromUnixTimeMilliseconds(problem.FromMs).UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, {problem.Cause}", PciCheck.Run(world.Radio, new(problem.FromMs)), problem.FromMs, world.Radio);
        return 0;
    }

    private static void Print(string when, PciReport report, long ms, RadioNetwork network)
    {
        Console.WriteLine($"{when}: {report.Collisions.Count} PCI collisions, {report.Confusions.Count} confusions, {report.Mod3.Count} clashes modulo 3 between sectors that look at each other.");
        foreach (var (name, clashes) in new[] { ("collision", report.Collisions), ("confusion", report.Confusions), ("modulo 3", report.Mod3) })
        {
            foreach (var clash in clashes.Take(MostShown))
            {
                var between = clash.Between is { } cell ? $", both neighbours of {cell.Ncgi}" : string.Empty;
                Console.WriteLine($"  {name}: {clash.First.Ncgi} and {clash.Second.Ncgi} on ARFCN {clash.First.Carrier.Arfcn}, PCI {network.Pci(clash.First, new(ms))} and {network.Pci(clash.Second, new(ms))}{between}");
            }

            if (clashes.Count > MostShown) Console.WriteLine($"  and {clashes.Count - MostShown} more of {name}");
        }
    }
}
