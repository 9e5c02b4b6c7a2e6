namespace SmartCity.Simulators.Tests;

/// <summary>What depends on what in the city, seen in its traffic.</summary>
public sealed class CouplingTests
{
    private static readonly DateTimeOffset s_monday = new(2026, 3, 8, 17, 0, 0, TimeSpan.Zero); // midnight in Vietnam
    private static readonly CityOptions s_city = new() { Devices = 400, Rate = 0.8 };
    private static readonly Lazy<List<CitySample>> s_weeks = new(() => [.. CitySample.Of(s_city with { Rate = 0.3 }, s_monday, TimeSpan.FromDays(28))]);

    [Fact]
    public void Water_rises_hours_after_rain_not_with_it_and_falls_slower_than_it_rose()
    {
        // Hà Nội has no tide. Showers of its rain gauges against the level of its rivers.
        var hours = Hourly("weather", "rain", "hn");
        var level = Hourly("water", "level", "hn");
        var byLag = Enumerable.Range(0, 25).Select(lag => Correlation.Of([.. hours.Keys.Where(h => level.ContainsKey(h + lag)).Select(h => (hours[h], level[h + lag]))])).ToList();
        Assert.True(byLag.Max() > 0.3, string.Join(' ', byLag.Select(c => c.ToString("0.00", null))));
        Assert.InRange(byLag.IndexOf(byLag.Max()), 2, 10);
        Assert.True(byLag[0] < byLag.Max() - 0.1);

        var shower = new RiverRise(time => time.UnixMs is >= 0 and < 2 * 3_600_000 ? 20 : 0);
        var metres = Enumerable.Range(0, 60).Select(h => shower.At(h * 3_600_000L)).ToList();
        var top = metres.IndexOf(metres.Max());
        Assert.Equal(0, metres[0], 0.02);
        Assert.InRange(top, 3, 7);
        Assert.InRange(metres.Max(), 0.3, 0.7);
        Assert.InRange(metres.FindIndex(top, m => m < metres.Max() / 2) - top, top, 20);
        Assert.Equal(0, metres[59], 1e-4);
    }

    [Fact]
    public void The_rise_of_a_river_is_the_same_whoever_asked_before()
    {
        static double Rain(DayTime time) => Math.Max(0, 10 * Math.Sin(time.UnixMs / 4e6));
        var (straight, around) = (new RiverRise(Rain), new RiverRise(Rain));
        for (var i = 0L; i < 200; i++)
        {
            around.At((i * 7919 % 200) * 331_000);
            Assert.Equal(straight.At(i * 331_000), around.At(i * 331_000));
        }
    }

    [Fact]
    public void Rain_slows_traffic_at_the_same_hour_of_the_day()
    {
        var speed = s_weeks.Value.Where(s => s.Kind == "traffic" && s.Metric == "speed" && !s.Time.IsWeekend && s.Time.Hour is > 14 and < 20).ToList();
        var wet = Wet();
        double Mean(int hour, bool rain) => speed.Where(s => (int)s.Time.Hour == hour && wet.TryGetValue((s.Unit, HourOf(s)), out var mm) && (rain ? mm > 5 : mm == 0)).Average(s => s.Value);
        foreach (var hour in (int[])[15, 16, 17]) Assert.True(Mean(hour, true) < 0.95 * Mean(hour, false), $"{hour}:00: {Mean(hour, true)} in rain, {Mean(hour, false)} without");
    }

    [Fact]
    public void Rain_weakens_radio_signals()
    {
        var wet = Wet();
        var rssi = s_weeks.Value.Where(s => s.Metric == "rssi" && wet.ContainsKey((s.Unit, HourOf(s)))).ToList();
        var dry = rssi.Where(s => wet[(s.Unit, HourOf(s))] == 0).GroupBy(s => s.Device).ToDictionary(g => g.Key, g => g.Average(s => s.Value));
        var fall = rssi.Where(s => wet[(s.Unit, HourOf(s))] > 8 && dry.ContainsKey(s.Device)).Select(s => dry[s.Device] - s.Value).ToList();
        Assert.True(fall.Count > 30, $"{fall.Count} in rain");
        Assert.InRange(fall.Average(), 2, 8);
    }

    [Fact]
    public void Heat_raises_the_use_of_electricity()
    {
        double Power(DateTimeOffset start) => CitySample.Of(s_city with { Regions = ["bac"] }, start, TimeSpan.FromDays(3), "energy").Where(s => s.Metric == "power" && s.Time.Hour is > 12 and < 16).Average(s => s.Value);
        var (january, july) = (Power(new(2026, 1, 11, 17, 0, 0, TimeSpan.Zero)), Power(new(2026, 7, 12, 17, 0, 0, TimeSpan.Zero)));
        Assert.InRange(july / january, 1.15, 2);
    }

    [Theory]
    [InlineData("noise", "laeq", 1.04)]
    [InlineData("air", "no2", 1.3)]
    [InlineData("air", "pm25", 1.08)]
    public void Traffic_raises_noise_and_what_it_exhausts(string kind, string metric, double least)
    {
        // A rush hour at three in the morning changes the traffic and nothing else.
        var rush = ScenarioReader.Parse("name: s\nevents:\n  - {kind: rush-hour, from: 02:00, for: 3h}", "s.yaml");
        double Mean(params Scenario[] scenarios) => CitySample.Of(s_city with { Scenarios = scenarios }, s_monday, TimeSpan.FromHours(6), kind).Where(s => s.Metric == metric && s.Time.Hour is > 2.6 and < 4.4).Average(s => s.Value);
        Assert.True(Mean(rush) > least * Mean(), $"{Mean(rush)} with traffic, {Mean()} without");
    }

    [Fact]
    public void Weekdays_have_rush_hours_and_weekends_have_none()
    {
        double Flow(bool weekend) => s_weeks.Value.Where(s => s.Metric == "flow" && s.Kind == "traffic" && s.Time.IsWeekend == weekend && s.Time.Hour is > 7 and < 8).Average(s => s.Value);
        Assert.True(Flow(weekend: false) > 2 * Flow(weekend: true), $"{Flow(false)} on weekdays, {Flow(true)} at weekends");

        // Saturday begins at 17:00 UTC of Friday.
        Assert.True(new DayTime(s_monday.AddDays(5).ToUnixTimeMilliseconds()).IsWeekend);
        Assert.False(new DayTime(s_monday.AddDays(5).ToUnixTimeMilliseconds() - 1).IsWeekend);
        Assert.False(new DayTime(s_monday.AddDays(7).ToUnixTimeMilliseconds()).IsWeekend);
    }

    private static long HourOf(CitySample sample) => sample.Time.UnixMs / 3_600_000;

    private static Dictionary<(string Unit, long Hour), double> Wet() =>
        s_weeks.Value.Where(s => s.Metric == "rain" && s.Place == PlaceOf(s.Unit)).GroupBy(s => (s.Unit, HourOf(s))).ToDictionary(g => g.Key, g => g.Average(s => s.Value));

    /// <summary>Only units of one place have one weather.</summary>
    private static string PlaceOf(string unit) => unit is "hn" or "qn" or "hue" or "bn" or "bdi" or "hy" or "vp" or "qng" or "tg" ? unit : "";

    private static Dictionary<long, double> Hourly(string kind, string metric, string unit) =>
        s_weeks.Value.Where(s => s.Kind == kind && s.Metric == metric && s.Unit == unit).GroupBy(HourOf).ToDictionary(g => g.Key, g => g.Average(s => s.Value));
}
