using System.CommandLine;

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
        var flags = new CityFlags("How many times faster than the clock the network lives; the day ends now. So many times as many messages");
        var sites = new Option<int>("--sites") { Description = "Sites of all operators; each has three cells", DefaultValueFactory = _ => sizes.Sites };
        var phones = new Option<int>("--phones") { Description = "Phones: two of three in vehicles, the others of people on foot", DefaultValueFactory = _ => sizes.Phones };
        var granularity = new Option<int>("--granularity", "-g")
        {
            Description = $"Granularity period of the counters in seconds: {string.Join(", ", NetworkOptions.Granularities)}",
            DefaultValueFactory = _ => 900,
        };
        var plan = new Option<string?>("--plan") { Description = "File for the site plan, CSV or .geojson; prints the check of the PCIs and sends nothing" };
        Option[] all = [sites, phones, granularity, plan, .. flags.All];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(async () =>
        {
            var network = new NetworkOptions { Sites = parsed.GetValue(sites), Phones = parsed.GetValue(phones) };
            network.Validate();
            var (options, run) = flags.Read(parsed, city with
            {
                Network = network,
                Devices = (network.Sites * RadioNetwork.SectorsPerSite) + network.Phones,
                Granularity = parsed.GetValue(granularity),
            });
            return parsed.GetValue(plan) is { } file ? Plan(options, file, run.Start ?? TimeProvider.System.GetUtcNow(), flags.Json(parsed)) : await flags.RunAsync(parsed, options, run, stop).ConfigureAwait(false);
        }, stop));
        return command;
    }

    /// <summary>Writes the plan, and says what is wrong with its PCIs and with those that scenarios let cells send.</summary>
    private static int Plan(CityOptions options, string file, DateTimeOffset start, bool json)
    {
        var startMs = start.ToUnixTimeMilliseconds();
        var world = new CityWorld(options, startMs);
        NetworkPlan.Write(world.Radio, file, world.UnitOf);
        var problems = world.Radio.Problems().Where(p => p.Kind == "pci-confusion").DistinctBy(p => p.FromMs);
        if (json)
        {
            CommonOptions.PrintJson(PlanSummary.Of(file, world.Radio, startMs, problems));
            return CommonOptions.Done;
        }

        Console.WriteLine($"{world.Radio.Sites.Count:N0} sites with {world.Radio.Cells.Count:N0} cells in {world.Radio.Cities.Count} cities are in {file}.");
        Print("Plan", PciCheck.Run(world.Radio), startMs, world.Radio);
        foreach (var problem in problems)
            Print($"At {DateTimeOffset.FromUnixTimeMilliseconds(problem.FromMs).UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, {problem.Cause}", PciCheck.Run(world.Radio, new(problem.FromMs)), problem.FromMs, world.Radio);
        return CommonOptions.Done;
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
