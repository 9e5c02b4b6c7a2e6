using System.Globalization;
using SmartCity.Contracts;

namespace SmartCity.Simulators.Tests;

/// <summary>Devices stand around cities; the units in their topics are those of the start of the run.</summary>
public sealed class PlacesTests
{
    private static readonly CityOptions s_city = new() { Devices = 800, Rate = 800 };

    [Fact]
    public void Until_30_June_2025_the_twenty_units_of_2021_publish_and_from_1_July_the_fourteen_in_force()
    {
        var before = Fleet("2025-06-30T16:59:59Z");
        var after = Fleet("2025-06-30T17:00:00Z");
        Assert.Equal(Geography.Default.Units.Select(u => u.Code).Order(), before.Values.Select(d => d.Unit).Distinct().Order());
        Assert.Equal(14, after.Values.Select(d => d.Unit).Distinct().Count());
        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        foreach (var (device, was) in before)
        {
            var mobile = was.Kind is "mdt" or "cell";
            Assert.Equal(Geography.Default.FindUnit(was.Unit)!.MergedInto ?? was.Unit, after[device].Unit);
            if (!mobile) Assert.Equal((was.Latitude, was.Longitude), (after[device].Latitude, after[device].Longitude));
        }
    }

    [Theory] // domain reference, part E
    [InlineData("vt", "sg", 10.346, 107.084)]
    [InlineData("bd", "sg", 10.980, 106.652)]
    [InlineData("td", "sg", 10.850, 106.755)]
    [InlineData("dna", "dna", 10.957, 106.843)]
    [InlineData("qn", "qn", 20.951, 107.078)]
    [InlineData("bdi", "bdi", 13.782, 109.219)]
    [InlineData("hd", "hp", 20.940, 106.333)]
    public void Sensors_stand_around_their_city_and_have_the_unit_of_today(string place, string unit, double latitude, double longitude)
    {
        var devices = Fleet("2026-11-26T00:00:00Z").Where(d => d.Key.Split('-') is [_, var at, { Length: 4 }] && at == place).Select(d => d.Value).ToList();
        Assert.True(devices.Count >= 10);
        Assert.All(devices, d => Assert.Equal(unit, d.Unit));
        Assert.Equal(latitude, devices.Average(d => d.Latitude), 0.02);
        Assert.Equal(longitude, devices.Average(d => d.Longitude), 0.02);
    }

    [Fact]
    public void Every_unit_has_a_place_and_every_place_a_unit_and_a_code_of_its_own()
    {
        Assert.Equal(Geography.Default.Units.Select(u => u.Code).Order(), Places.All.Select(p => p.Unit).Distinct().Order());
        Assert.Equal(Places.All.Count, Places.All.Select(p => p.Code).Distinct().Count());
        Assert.All(Places.All, p => Assert.True(p.Code == p.Unit || Geography.Default.FindUnit(p.Code) is null, $"{p.Code} would be taken for another unit"));
    }

    [Fact]
    public void Whoever_names_a_unit_in_a_scenario_means_what_it_has_taken_in_and_an_old_unit_is_still_its_own_place()
    {
        var (before, after) = (At("2025-06-30T12:00:00Z"), At("2025-07-01T12:00:00Z"));
        Assert.Equal(["sg", "td"], Places.Within("sg", before));
        Assert.Equal(["sg", "bd", "vt", "td"], Places.Within("sg", after));
        Assert.Equal(["vt"], Places.Within("vt", after));
        var storm = ScenarioReader.Parse("name: s\nevents:\n  - {kind: typhoon, from: +0m, for: 5h, units: [sg]}", "s.yaml");
        var rain = CitySample.Of(s_city with { Rate = 20, Scenarios = [storm] }, At("2026-03-01T00:00:00Z"), TimeSpan.FromMinutes(160), "weather")
            .Where(s => s.Metric == "rain" && s.Time.UnixMs >= At("2026-03-01T02:00:00Z").ToUnixTimeMilliseconds()).ToLookup(s => s.Place, s => s.Value);
        Assert.All((string[])["sg", "td", "bd", "vt"], place => Assert.True(rain[place].Min() > 20, place));
        Assert.All((string[])["dna", "tn", "hn"], place => Assert.True(rain[place].Max() < 20, place));
    }

    private static Dictionary<string, CitySample> Fleet(string start) =>
        CitySample.Of(s_city, At(start), TimeSpan.FromSeconds(70)).GroupBy(s => s.Device).ToDictionary(g => g.Key, g => Assert.Single(g.DistinctBy(s => (s.Unit, s.Kind))));

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}
