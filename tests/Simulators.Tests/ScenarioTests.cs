using System.Text;
using System.Text.Json;
using SmartCity.Contracts;

namespace SmartCity.Simulators.Tests;

/// <summary>Each scenario changes what is measured, where and when it says, and nothing else.</summary>
public sealed class ScenarioTests
{
    private const long Start = 1_795_392_000_000 - (7 * 3_600_000); // midnight of a Monday in Vietnam
    private static readonly CityOptions s_city = new() { Devices = 400, Rate = 0.8 };
    private static readonly Lazy<Dictionary<(string, string), List<Sample>>> s_calm = new(() => Day([]));

    [Theory]
    [InlineData("rush-hour", "traffic", "flow", 10.0, 12.0, "hn", 1.5, 20)]
    [InlineData("rush-hour", "air", "no2", 10.0, 12.0, "hn", 1.1, 20)]
    [InlineData("typhoon", "weather", "rain", 8.0, 12.0, "dn", 20, 1e9)]
    [InlineData("typhoon", "weather", "wind", 8.0, 12.0, "dn", 3, 100)]
    [InlineData("typhoon", "water", "level", 12.0, 16.0, "hue", 1.5, 100)]
    [InlineData("typhoon", "traffic", "flow", 8.0, 12.0, "dn", 0, 0.8)]
    [InlineData("air-pollution", "air", "pm25", 7.0, 10.0, "hn", 2, 5)]
    [InlineData("festival", "noise", "laeq", 20.0, 22.0, "sg", 1.05, 2)]
    [InlineData("festival", "cell", "RRC.ConnMean", 20.0, 22.0, "hn", 1.05, 5)]
    [InlineData("sleeping-cell", "cell", "RRC.ConnMean", 9.0, 17.0, "hn", 0, 0.99)]
    public void A_scenario_changes_values_while_it_lasts_where_it_happens(string scenario, string kind, string metric, double from, double to, string unit, double least, double most)
    {
        var (calm, storm) = (s_calm.Value[(kind, metric)], Day([ScenarioReader.Load(scenario)])[(kind, metric)]);
        double Mean(List<Sample> samples, double a, double b, string where) => samples.Where(s => s.Unit == where && s.Hour >= a && s.Hour < b).Average(s => s.Value);
        var factor = Mean(storm, from, to, unit) / Math.Max(1e-9, Mean(calm, from, to, unit));
        Assert.InRange(factor, least, most);
        Assert.Equal(calm.Where(s => s.Hour < 4).Select(s => s.Value), storm.Where(s => s.Hour < 4).Select(s => s.Value));
    }

    [Fact]
    public void A_scenario_on_the_command_line_has_values_of_its_own()
    {
        var storm = Assert.Single(ScenarioReader.Load("typhoon,from=+30m,for=8h,regions=trung,strength=0.5").Events);
        Assert.Equal((ScenarioKind.Typhoon, true, TimeSpan.FromMinutes(30), TimeSpan.FromHours(8), 0.5), (storm.Kind, storm.FromStart, storm.From, storm.For, storm.Strength));
        Assert.Equal(Geography.Default.Units.Where(u => u.Region == "trung").Select(u => u.Code), storm.Units);
        Assert.Equal(["dn", "hue"], Assert.Single(ScenarioReader.Load("typhoon,units=dn+hue").Events).Units);
        Assert.Equal(["pm25", "no2"], Assert.Single(ScenarioReader.Load("firmware-freeze,metrics=pm25+no2").Events).Metrics);
    }

    [Theory]
    [InlineData("typhoon,form=06:00", "--scenario typhoon,form=06:00, line 1: there is no 'form' here; did you mean 'from'?")]
    [InlineData("typhoon,from=06:00,8h", "'8h' is no name=value")]
    [InlineData("typhoon,strength=99", "'strength' is 99; it must be 0.01 to 10")]
    [InlineData("typhon,strength=2", "did you mean 'typhoon'?")]
    public void A_scenario_on_the_command_line_that_makes_no_sense_says_what_to_write(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => ScenarioReader.Load(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_power_cut_silences_the_fixed_devices_of_its_ward_only()
    {
        var silent = Silent("power-cut", out var all);
        Assert.NotEmpty(silent);
        Assert.All(silent, s => Assert.True(s.Unit is "hn" or "dn" or "sg" && s.Kind != "mdt" && s.Hour is >= 13 and < 14.5, s.ToString()));
        Assert.True(silent.Count < all.Count(s => s.Unit is "hn" or "dn" or "sg" && s.Hour is >= 13 and < 14.5) / 2, "other wards go on");
    }

    [Fact]
    public void A_cell_that_is_out_reports_nothing_and_no_phone_is_served_by_it()
    {
        var silent = Silent("cell-outage", out var all);
        var gone = silent.Select(s => s.Device).ToHashSet();
        Assert.NotEmpty(gone);
        Assert.All(silent, s => Assert.True(s.Kind == "cell" && s.Hour is >= 9 and < 12, s.ToString()));
        Assert.DoesNotContain(all, s => s.Kind == "mdt" && s.Hour is >= 9 and < 12 && gone.Contains(s.Ncgi!));
        Assert.Contains(all, s => s.Kind == "mdt" && s.Hour is < 9 or >= 12 && gone.Contains(s.Ncgi ?? ""));
    }

    [Fact]
    public void A_publish_storm_sends_twenty_times_as_often_from_its_city()
    {
        int Count(List<Sample> all) => all.Where(s => s.Unit == "hue" && s.Hour is >= 15 and < 15.33).Select(s => (s.Device, s.Hour)).Distinct().Count();
        Assert.InRange(Count(All([ScenarioReader.Load("publish-storm")])) / (double)Count(All([])), 10, 21);
    }

    [Fact]
    public void Firmware_that_freezes_repeats_the_metrics_that_it_names_and_only_those()
    {
        var day = Day([ScenarioReader.Load("firmware-freeze")]);
        foreach (var device in day[("air", "pm25")].Where(s => s.Unit == "hn" && s.Hour is >= 11 and < 15).GroupBy(s => s.Device)) Assert.Single(device.Select(s => s.Value).Distinct());
        foreach (var device in day[("air", "no2")].Where(s => s.Unit == "hn" && s.Hour is >= 11 and < 15).GroupBy(s => s.Device)) Assert.True(device.Select(s => s.Value).Distinct().Count() > 1);
        foreach (var device in day[("air", "pm25")].Where(s => s.Unit == "hn" && s.Hour is >= 16 and < 20).GroupBy(s => s.Device)) Assert.True(device.Select(s => s.Value).Distinct().Count() > 1);
    }

    [Fact]
    public void Radio_scenarios_change_what_phones_measure_of_the_cells_that_they_name()
    {
        var (calm, hn) = (Network(null), "hn");
        var cell = calm.Cells.First(c => c.Unit.Code == hn && c.Sector == 0);
        var noon = Start + (12 * 3_600_000);
        (double Lat, double Lon) At(double metres, double degrees) =>
            (cell.Latitude + (metres * Math.Cos(degrees * Math.PI / 180) / 111_320), cell.Longitude + (metres * Math.Sin(degrees * Math.PI / 180) / (111_320 * Math.Cos(cell.Latitude * Math.PI / 180))));
        double Change(string scenario, (double Lat, double Lon) at)
        {
            var stormy = Network(scenario);
            return stormy.Power(stormy.Cells.Single(c => c.Ncgi == cell.Ncgi), at.Lat, at.Lon, noon) - calm.Power(cell, at.Lat, at.Lon, noon);
        }

        Assert.True(Change("swapped-sectors", At(400, cell.Azimuth)) < -8, "the antenna looks elsewhere");
        Assert.True(Change("swapped-sectors", At(400, cell.Azimuth + 120)) > 8, "where the next sector looked");
        Assert.True(Change("overshooting-tilt", At(3000, cell.Azimuth)) > 4, "the beam points at the horizon");
        Assert.True(Change("overshooting-tilt", At(200, cell.Azimuth)) < -4, "and over the heads of those below");
        Assert.Equal(-60, Change("coverage-hole", (cell.Unit.Latitude + (500 / 111_320.0), cell.Unit.Longitude + (500 / (111_320.0 * Math.Cos(cell.Unit.Latitude * Math.PI / 180))))), 0.001);
        Assert.Equal(0, Change("coverage-hole", (cell.Unit.Latitude - 0.02, cell.Unit.Longitude)), 0.001);
        var confused = Network("pci-confusion");
        var twin = confused.Cells.Single(c => c.Ncgi == cell.Ncgi);
        Assert.NotEqual(cell.Pci, confused.Pci(twin, new(noon)));
        Assert.Contains(confused.Cells, c => c.Ncgi != cell.Ncgi && c.Operator == cell.Operator && c.Unit == cell.Unit && c.Pci == confused.Pci(twin, new(noon)));
        Assert.Equal(calm.Cells[1].Pci, confused.Pci(confused.Cells[1], new(noon)));
    }

    [Fact]
    public void Every_scenario_that_comes_with_the_program_is_read_and_all_of_them_go_together()
    {
        var all = ScenarioReader.BuiltIn.Select(ScenarioReader.Load).ToList();
        Assert.Equal(14, all.Count);
        Assert.Equal(all.SkipLast(1).SelectMany(s => s.Events).Select(e => e.Name), all[^1].Events.Select(e => e.Name));
        Assert.Equal(All(all).Select(s => s.ToString()), All(all).Select(s => s.ToString()));
    }

    [Theory]
    [InlineData("events:\n  - kind: tyfoon\n    from: 06:00\n    for: 4h", "x.yaml, line 2: there is no kind 'tyfoon'; did you mean 'typhoon'?")]
    [InlineData("events:\n  - kind: typhoon\n    form: 06:00\n    for: 4h", "x.yaml, line 3: there is no 'form' here; did you mean 'from'?")]
    [InlineData("events:\n  - kind: typhoon\n    from: 6 o'clock\n    for: 4h", "x.yaml, line 3: 'from' is '6 o'clock'; write a time of the day in UTC+7, such as 06:00")]
    [InlineData("events:\n  - kind: typhoon\n    from: 06:00\n    for: 4", "x.yaml, line 4: 'for' has '4'; write a number with s, m, h or d")]
    [InlineData("events:\n  - kind: typhoon\n    from: 06:00\n    for: 0m", "x.yaml, line 4: 'for' is '0m'; it must last at least a second, such as 90m.")]
    [InlineData("events:\n  - kind: typhoon\n    from: 06:00\n    for: 0.0004s", "x.yaml, line 4: 'for' is '0.0004s'; it must last at least a second")]
    [InlineData("events:\n  - kind: typhoon\n    from: 06:00", "x.yaml, line 2: an event needs 'for'")]
    [InlineData("events:\n  - kind: typhoon\n    from: 06:00\n    for: 4h\n    units: [hn, hhue]", "x.yaml, line 5: 'units' has 'hhue'; did you mean 'hue'?")]
    [InlineData("events:\n  - kind: typhoon\n    from: 06:00\n    for: 4h\n    strength: 20", "x.yaml, line 5: 'strength' is 20; it must be 0.01 to 10.")]
    [InlineData("events:\n  - kind: firmware-freeze\n    from: 06:00\n    for: 4h\n    metrics: [pm2_5]", "x.yaml, line 5: 'metrics' has 'pm2_5'; did you mean 'pm25'?")]
    [InlineData("faults:\n  duplicat: 0.1", "x.yaml, line 2: there is no 'duplicat' here; did you mean 'duplicate'?")]
    [InlineData("faults:\n  duplicate: 7", "x.yaml, line 2: The rate of fault 'duplicate' is 7; it must be a share from 0 to 1")]
    [InlineData("events: typhoon", "x.yaml, line 1: 'events' must be a list")]
    [InlineData("name: a\nevents: [", "this is no YAML")]
    [InlineData("name: empty", "nothing happens in it; add 'events' or 'faults'")]
    [InlineData("- typhoon", "x.yaml, line 1: a scenario is one mapping")]
    public void Bad_YAML_says_file_line_what_is_wrong_and_what_is_right(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => ScenarioReader.Parse(yaml, "x.yaml")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_scenario_that_does_not_exist_is_named_with_the_nearest_one() =>
        Assert.Contains("did you mean 'typhoon'", Assert.Throws<ArgumentException>(() => ScenarioReader.Load("taifun")).Message, StringComparison.Ordinal);

    [Fact]
    public void Times_are_of_the_local_day_or_after_the_start_and_faults_are_read()
    {
        var scenario = ScenarioReader.Parse("name: two\nevents:\n  - {kind: typhoon, from: 01:00, for: 90m}\n  - {kind: festival, from: +2h, for: 1d, regions: [nam]}\nfaults: {loss: 0.25}", "two.yaml");
        var run = Start + (2 * 3_600_000); // two in the morning
        Assert.Equal(run + (23 * 3_600_000), scenario.Events[0].StartMs(run));
        Assert.Equal(run + (2 * 3_600_000), scenario.Events[1].StartMs(run));
        Assert.Contains("sg", scenario.Events[1].Units);
        Assert.DoesNotContain("hn", scenario.Events[1].Units);
        Assert.Equal(0.25, scenario.Faults["loss"]);
    }

    private static RadioNetwork Network(string? scenario) =>
        new CityWorld(s_city with { Scenarios = scenario is null ? [] : [ScenarioReader.Load(scenario)] }, Start).Radio;

    private static List<Sample> Silent(string scenario, out List<Sample> all)
    {
        all = All([ScenarioReader.Load(scenario)]);
        return [.. all.Where(s => s.Silent)];
    }

    private static Dictionary<(string, string), List<Sample>> Day(IReadOnlyList<Scenario> scenarios) =>
        All(scenarios).Where(s => !s.Silent).GroupBy(s => (s.Kind, s.Metric)).ToDictionary(g => g.Key, g => g.ToList());

    private static List<Sample> All(IReadOnlyList<Scenario> scenarios)
    {
        using var traffic = new CityTraffic(s_city with { Scenarios = scenarios }, Start);
        var samples = new List<Sample>();
        while (traffic.TryNext(Start + 86_400_000 - 1))
        {
            var topic = Encoding.UTF8.GetString(traffic.Topic.Span).Split('/');
            using var json = JsonDocument.Parse(traffic.Payload);
            var ncgi = json.RootElement.TryGetProperty("ncgi", out var serving) ? serving.GetString() : null;
            foreach (var field in json.RootElement.EnumerateObject())
            {
                if (field.Value.ValueKind == JsonValueKind.Number && field.Name is not ("ts" or "lat" or "lon"))
                    samples.Add(new(topic[2], topic[3], topic[4], field.Name, new DayTime(traffic.MeasuredMs).Hour, field.Value.GetDouble(), traffic.OffBecause is not null, ncgi));
            }
        }

        return samples;
    }

    private sealed record Sample(string Unit, string Kind, string Device, string Metric, double Hour, double Value, bool Silent, string? Ncgi);
}
