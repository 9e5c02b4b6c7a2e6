namespace SmartCity.Simulators.Tests;

/// <summary>Tides of the three coasts, in the table and in the gauges of the traffic.</summary>
public sealed class TideTests
{
    private const double HourMs = 3_600_000;
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 17, 0, 0, TimeSpan.Zero);
    private static readonly Lazy<List<CitySample>> s_levels = new(() => [.. CitySample.Of(new() { Devices = 500, Rate = 0.5 }, s_start, TimeSpan.FromDays(15), "water").Where(s => s.Metric == "level")]);

    [Theory]
    [InlineData("vt", 3.2, 4.4, false)]
    [InlineData("sg", 2.3, 3.3, false)]
    [InlineData("hp", 2.2, 3.4, true)]
    [InlineData("qn", 2.5, 3.8, true)]
    [InlineData("dn", 0.6, 1.4, false)]
    [InlineData("hue", 0.2, 0.8, false)]
    [InlineData("bdi", 0.9, 1.9, true)]
    public void A_fortnight_of_tide_has_the_range_and_the_form_of_its_coast(string place, double least, double most, bool diurnal)
    {
        var at = Places.Find(place)!;
        var heights = Enumerable.Range(0, 15 * 24 * 6).Select(i => at.TideShare * at.Coast!.Height(new(s_start.ToUnixTimeMilliseconds() + (i * 600_000L)), at.TideLagHours)).ToList();
        Assert.InRange(heights.Max() - heights.Min(), least, most);

        // Courtier's form number: above 1.5 the tide is more diurnal than not.
        Assert.Equal(diurnal, (at.Coast!.K1 + at.Coast.O1) / (at.Coast.M2 + at.Coast.S2) > 1.5);
    }

    [Fact]
    public void In_the_Gulf_of_Tonkin_high_water_comes_once_a_lunar_day_and_in_the_south_twice()
    {
        Assert.Equal(24.84, Period(Coast.Tonkin), 0.15);
        Assert.Equal(12.42, Period(Coast.South), 0.1);
        Assert.Equal(24.84, 2 / ((1 / 23.93447213) + (1 / 25.81933871)), 0.005);
    }

    [Fact]
    public void Rise_is_the_slope_of_height()
    {
        for (var ms = s_start.ToUnixTimeMilliseconds(); ms < s_start.AddDays(2).ToUnixTimeMilliseconds(); ms += 777_000)
            Assert.Equal((Coast.South.Height(new(ms + 10_000), 1) - Coast.South.Height(new(ms - 10_000), 1)) / (20_000 / HourMs), Coast.South.Rise(new(ms), 1), 1e-3);
    }

    [Theory]
    [InlineData("vt", 3, 5)]
    [InlineData("hp", 2, 4)]
    [InlineData("dn", 0.6, 2.4)]
    [InlineData("hn", 0, 1.6)]
    public void Gauges_show_the_tide_of_their_place(string place, double least, double most)
    {
        foreach (var gauge in s_levels.Value.Where(s => s.Place == place).GroupBy(s => s.Device)) Assert.InRange(gauge.Max(s => s.Value) - gauge.Min(s => s.Value), least, most);
    }

    [Fact]
    public void Gauges_of_one_place_rise_together_and_those_of_other_coasts_do_not()
    {
        Dictionary<long, double> Halfhours(string device) => s_levels.Value.Where(s => s.Device == device).GroupBy(s => s.Time.UnixMs / 1_800_000).ToDictionary(g => g.Key, g => g.Average(s => s.Value));
        double Together(string one, string other)
        {
            var (a, b) = (Halfhours(one), Halfhours(other));
            return Correlation.Of([.. a.Keys.Where(b.ContainsKey).Select(k => (a[k], b[k]))]);
        }

        Assert.True(Together("wl-vt-0001", "wl-vt-0002") > 0.95, $"{Together("wl-vt-0001", "wl-vt-0002")}");
        Assert.True(Together("wl-hp-0001", "wl-hp-0002") > 0.95);
        Assert.True(Math.Abs(Together("wl-vt-0001", "wl-hp-0001")) < 0.7);
    }

    [Fact]
    public void Rivers_of_the_south_flow_back_while_the_tide_comes_in()
    {
        var flow = CitySample.Of(new() { Devices = 300, Rate = 1, Regions = ["nam"] }, s_start, TimeSpan.FromDays(2), "water").Where(s => s.Metric == "flow" && s.Place == "vt").ToList();
        Assert.InRange(flow.Count(s => s.Value < 0) / (double)flow.Count, 0.1, 0.6);
    }

    /// <summary>Mean time between high waters, hours, in the ten days around the springs of four weeks; at neaps even a diurnal tide has days with two.</summary>
    private static double Period(Coast coast)
    {
        double At(int minute) => coast.Height(new(s_start.ToUnixTimeMilliseconds() + (minute * 60_000L)), 0);
        const int Day = 24 * 60;
        var springs = Enumerable.Range(0, 28 * Day).MaxBy(At);
        var tops = Enumerable.Range(springs - (5 * Day), 10 * Day).Where(i => At(i) > At(i - 1) && At(i) >= At(i + 1)).ToList();
        return (tops[^1] - tops[0]) / 60.0 / (tops.Count - 1);
    }
}
