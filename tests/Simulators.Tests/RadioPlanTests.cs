using System.Text;
using System.Text.Json;
using SmartCity.Contracts;

namespace SmartCity.Simulators.Tests;

/// <summary>Where sites stand, which PCIs their cells have, and the files that say so.</summary>
public sealed class RadioPlanTests
{
    private const long Start = 1_795_392_000_000 - (7 * 3_600_000); // midnight of a Monday in Vietnam
    private static readonly DayTime s_noon = new(Start + (12 * 3_600_000));

    [Fact]
    public void Lamp_posts_stand_in_the_centre_and_masts_outside_with_the_carriers_that_their_operator_has()
    {
        var network = Network(90);
        foreach (var group in network.Sites.GroupBy(s => (s.Unit.Code, s.Operator.Mnc)))
        {
            double Distance(RadioSite s) => Geodesy.Distance(s.Unit.Latitude, s.Unit.Longitude, s.Latitude, s.Longitude);
            var macros = group.Where(s => s.Type == SiteType.Macro).ToList();
            Assert.All(group.Where(s => s.Type == SiteType.Small), s => Assert.True(Distance(s) < 800 && s.Height == 10 && s.Power < 41));
            Assert.All(group.Where(s => s.Type == SiteType.Rural), s => Assert.True(Distance(s) > macros.Max(Distance) && s.Height == 35));
            Assert.All(macros, s => Assert.True(s.Height == 25 && s.Power == 53));
            var mast = group.First(s => s.Type == SiteType.Rural).Carrier;
            Assert.Equal(group.Key.Mnc switch { "04" => ("n28", 154_600), "02" => ("n28", 152_600), _ => ("n77", 656_667) }, (mast.Band, mast.Arfcn));
        }

        Assert.Equal([SiteType.Macro, SiteType.Small, SiteType.Rural], network.Sites.Select(s => s.Type).Distinct().Order());
        Assert.All(network.Cells, c => Assert.InRange(c.MechanicalTilt + c.ElectricalTilt, 2, 12));
        Assert.All(network.Cells, c => Assert.Equal(c.Sector, c.Pci % 3));
        Assert.All(network.Cells, c => Assert.InRange(c.Azimuth, 0, 359));
    }

    [Theory]
    [InlineData(27, "bac,trung,nam")]
    [InlineData(2000, "bac,trung,nam")]
    [InlineData(600, "nam")]
    [InlineData(2000, "nam")]
    public void The_plan_has_no_collision_no_confusion_and_no_clash_modulo_3(int sites, string regions)
    {
        var report = PciCheck.Run(Network(sites, null, regions));
        Assert.Equal(3 * sites, report.Cells);
        AssertClean(report);
    }

    [Fact]
    public void A_confused_cell_confuses_those_that_have_it_and_its_twin_as_neighbours_and_nobody_else()
    {
        var network = Network(600, "pci-confusion", "nam");
        var report = PciCheck.Run(network, s_noon);
        AssertClean(PciCheck.Run(network));
        Assert.Empty(report.Collisions);
        var problems = network.Problems();
        Assert.Equal(network.Cities.Count, problems.Count);
        var expected = new List<string>();
        foreach (var problem in problems)
        {
            var (cell, twin) = (network.Cells.Single(c => c.Ncgi == problem.Cells[0]), network.Cells.Single(c => c.Ncgi == problem.Cells[1]));
            Assert.Equal(network.Pci(twin, s_noon), network.Pci(cell, s_noon));
            Assert.DoesNotContain(twin, network.Neighbours.Of(cell));
            expected.AddRange(network.Cells.Where(c => network.Neighbours.Of(c).Contains(cell) && network.Neighbours.Of(c).Contains(twin)).Select(c => $"{c.Ncgi} {Pair(cell, twin)}"));
        }

        Assert.NotEmpty(expected);
        Assert.Equal(expected.Order(), report.Confusions.Select(c => $"{c.Between!.Ncgi} {Pair(c.First, c.Second)}").Order());
        Assert.All(network.Cells, c => Assert.Equal(expected.Any(e => e.StartsWith(c.Ncgi, StringComparison.Ordinal)), network.IsConfused(c, s_noon.UnixMs)));

        static string Pair(RadioCell a, RadioCell b) => string.Join('+', new[] { a.Ncgi, b.Ncgi }.Order());
    }

    [Fact]
    public void Where_all_sites_are_neighbours_the_confused_cell_collides_and_the_check_says_with_which()
    {
        var network = Network(27, "pci-confusion");
        var report = PciCheck.Run(network, s_noon);
        Assert.Equal(network.Cities.Count, report.Collisions.Count);
        Assert.Equal(Pairs(network, "pci-collision"), Pairs(report.Collisions));
        Assert.Equal(Pairs(network, "pci-confusion"), Pairs(report.Confusions));
    }

    [Theory]
    [InlineData(90, "bac,trung,nam")]
    [InlineData(300, "bac,trung,nam")]
    [InlineData(600, "nam")]
    [InlineData(2000, "bac,trung,nam")]
    public void A_check_finds_the_collisions_and_confusions_that_the_truth_has_and_no_others(int sites, string regions)
    {
        var network = Network(sites, "pci-confusion", regions);
        var report = PciCheck.Run(network, s_noon);
        Assert.NotEmpty(report.Confusions);
        Assert.Equal(Pairs(network, "pci-collision"), Pairs(report.Collisions));
        Assert.Equal(Pairs(network, "pci-confusion"), Pairs(report.Confusions));
    }

    [Fact]
    public void Two_power_cuts_at_once_are_the_problems_of_their_own_wards_only()
    {
        var scenario = ScenarioReader.Parse("events:\n  - {kind: power-cut, from: 09:00, for: 1h, ward: 3}\n  - {kind: power-cut, from: 09:30, for: 5h, ward: 5}", "two.yaml");
        var network = NetworkOf(90, [scenario]);
        AssertOutagesAreTheProblems(network);
        var noon = network.Problems().Where(p => p.FromMs <= s_noon.UnixMs && s_noon.UnixMs < p.ToMs).SelectMany(p => p.Cells).ToHashSet();
        Assert.NotEmpty(noon);
        Assert.All(noon, n => Assert.True(network.IsOut(n, s_noon.UnixMs)));
    }

    [Fact]
    public void Two_confusions_at_once_name_the_pair_that_has_one_PCI_all_the_time()
    {
        var scenario = ScenarioReader.Parse("events:\n  - {kind: pci-confusion, from: +0m, for: 1d}\n  - {kind: pci-confusion, from: 10:00, for: 2h, cells: 40}", "two.yaml");
        var network = NetworkOf(600, [scenario], "nam");
        var cells = network.Cells.ToDictionary(c => c.Ncgi);
        var problems = network.Problems().Where(p => p.Kind == "pci-confusion").ToList();
        Assert.True(problems.Count > 2 * network.Cities.Count);
        foreach (var problem in problems)
        {
            for (var ms = problem.FromMs; ms < problem.ToMs; ms += 3_600_000)
                Assert.True(network.Pci(cells[problem.Cells[0]], new(ms)) == network.Pci(cells[problem.Cells[1]], new(ms)), $"{problem.Cells[0]} {(ms - Start) / 3_600_000} h");
        }
    }

    [Fact]
    public void Problems_name_kind_cells_place_and_time_of_what_scenarios_do_to_the_network()
    {
        var network = Network(90, "everything");
        var problems = network.Problems();
        Assert.Equal(["cell-outage", "coverage-hole", "overshoot", "pci-collision", "pci-confusion", "sleeping-cell", "swapped-sectors"], problems.Select(p => p.Kind).Distinct().Order());
        foreach (var problem in problems)
        {
            var inside = new DayTime((problem.FromMs + problem.ToMs) / 2);
            var before = new DayTime(problem.FromMs - 1);
            Assert.Equal(problem.Kind == "coverage-hole" ? 0 : problem.Kind switch { "swapped-sectors" or "pci-confusion" or "pci-collision" => 2, _ => Math.Max(1, problem.Cells.Count) }, problem.Cells.Count);
            foreach (var cell in problem.Cells.Select(n => network.Cells.Single(c => c.Ncgi == n)))
            {
                Assert.Equal(problem.Unit, cell.Unit.Code);
                if (problem.Kind == "cell-outage") Assert.True(network.IsOut(cell, inside.UnixMs));
                if (problem.Kind == "sleeping-cell") Assert.Equal((true, false), (network.IsAsleep(cell, inside.UnixMs), network.IsAsleep(cell, before.UnixMs)));
            }
        }

        AssertOutagesAreTheProblems(network);
    }

    [Fact]
    public void A_coverage_hole_is_one_for_every_operator_and_ends_at_its_edge()
    {
        var (network, calm) = (Network(90, "coverage-hole"), Network(90));
        Assert.Equal(network.Cities.Count, network.Problems().Count);
        foreach (var problem in network.Problems())
        {
            var unit = network.Cities.Single(u => u.Code == problem.Unit);
            foreach (var owner in network.OperatorsIn(unit))
            {
                double Share(RadioNetwork of)
                {
                    var places = Enumerable.Range(0, 400).Select(i => At(i % 20 * 35, i)).ToList();
                    return places.Count(p => of.Measure(owner, unit, p.Latitude, p.Longitude, s_noon).Rsrp < -110) / 400.0;
                }

                Assert.True(Share(network) > 0.9 && Share(calm) < 0.5, $"{unit.Code} {owner.Name}: {Share(network):0.00} of the hole, {Share(calm):0.00} without it");
                for (var i = 0; i < 100; i++)
                {
                    var (latitude, longitude) = At(problem.RadiusMetres!.Value + 1, i);
                    Assert.Equal(calm.Measure(owner, unit, latitude, longitude, s_noon).Rsrp, network.Measure(owner, unit, latitude, longitude, s_noon).Rsrp);
                }

                (double Latitude, double Longitude) At(double metres, int i) => Geodesy.Move(problem.Latitude, problem.Longitude, metres * Math.Sin(i * 0.314), metres * Math.Cos(i * 0.314));
            }
        }
    }

    [Fact]
    public void The_site_plan_is_written_as_CSV_and_as_GeoJSON()
    {
        var network = Network(30);
        using MemoryStream csv = new(), geo = new();
        NetworkPlan.WriteCsv(network, csv, unit => unit);
        NetworkPlan.WriteGeoJson(network, geo, unit => unit);
        var lines = Encoding.UTF8.GetString(csv.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(NetworkPlan.Columns, lines[0]);
        Assert.Equal(91, lines.Length);
        Assert.All(lines, l => Assert.Equal(13, l.Split(',').Length));
        Assert.Equal(network.Cells.Select(c => $"{c.Ncgi},452-{c.Operator.Mnc},{c.Carrier.Band},{c.Carrier.Arfcn},{c.Pci}"), lines.Skip(1).Select(l => string.Join(',', l.Split(',')[..5])));
        using var json = JsonDocument.Parse(geo.ToArray());
        var features = json.RootElement.GetProperty("features").EnumerateArray().ToList();
        Assert.Equal(90, features.Count);
        Assert.Equal(network.Cells[7].Longitude, features[7].GetProperty("geometry").GetProperty("coordinates")[0].GetDouble(), 1e-6);
        Assert.Equal(network.Cells[7].Pci, features[7].GetProperty("properties").GetProperty("pci").GetInt32());
    }

    [Fact]
    public async Task The_command_writes_the_plan_without_a_broker_and_refuses_a_period_that_is_none()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("plan-").FullName, "sites.csv");
        Assert.Equal(0, await NetworkCommand.Create().Parse(["--sites", "12", "--plan", file]).InvokeAsync());
        Assert.Equal(37, (await File.ReadAllLinesAsync(file)).Length);
        Assert.Equal(1, await NetworkCommand.Create().Parse(["--granularity", "100", "--plan", file]).InvokeAsync());
        Assert.Equal(1, await NetworkCommand.Create().Parse(["--plan", Path.Combine(file, "below")]).InvokeAsync());
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    /// <summary>Every cell that is out at some time is in the list while it is, those of power cuts too, and no other.</summary>
    private static void AssertOutagesAreTheProblems(RadioNetwork network)
    {
        var problems = network.Problems().Where(p => p.Kind == "cell-outage").ToList();
        Assert.NotEmpty(problems);
        for (var hour = 0.0; hour < 24; hour += 0.25)
        {
            var ms = Start + (long)(hour * 3_600_000);
            Assert.Equal(
                network.Cells.Where(c => network.IsOut(c, ms)).Select(c => c.Ncgi).Order(),
                problems.Where(p => p.FromMs <= ms && ms < p.ToMs).SelectMany(p => p.Cells).Distinct().Order());
        }
    }

    private static void AssertClean(PciReport report) => Assert.Equal((0, 0, 0), (report.Collisions.Count, report.Confusions.Count, report.Mod3.Count));

    private static List<string> Pairs(RadioNetwork network, string kind) => [.. network.Problems().Where(p => p.Kind == kind).Select(p => string.Join(' ', p.Cells.Order())).Order()];

    private static List<string> Pairs(IEnumerable<PciClash> clashes) => [.. clashes.Select(c => string.Join(' ', new[] { c.First.Ncgi, c.Second.Ncgi }.Order())).Distinct().Order()];

    private static RadioNetwork Network(int sites, string? scenario = null, string regions = "bac,trung,nam") => NetworkOf(sites, scenario is null ? [] : [ScenarioReader.Load(scenario)], regions);

    private static RadioNetwork NetworkOf(int sites, IReadOnlyList<Scenario> scenarios, string regions = "bac,trung,nam") =>
        new CityWorld(new() { Network = new() { Sites = sites }, Regions = regions.Split(','), Scenarios = scenarios }, Start).Radio;
}
