using System.Text.Json;

namespace SmartCity.Silo.Tests;

/// <summary>Series of devices and areas, as the API gives them.</summary>
public sealed class SeriesTests(SiloFixture fixture) : IClassFixture<SiloFixture>
{
    private readonly SiloProcess _silo = fixture.Silo;

    [Fact]
    public async Task A_series_merges_windows_to_the_step_exactly()
    {
        var start = (Api.NowMs / 60_000 * 60_000) - 600_000;
        double[] values = [4, 8, 1, 3, 10, 2]; // one a second
        await _silo.PublishAsync("city/nam/sg/energy/steps", [.. values.Select((v, i) => (start + (i * 1000L), "power", v))]);
        var range = $"?from={Api.Time(start)}&to={Api.Time(start + 6000)}";
        var single = await _silo.WaitForAsync("/api/v1/devices/steps/series/power" + range, s => s.Count() == 6, "six readings");
        Assert.Equal(values, single.Rows().Select(r => r.Number("mean")));
        Assert.Equal(("steps", "kW", 1), (single.Text("device"), single.Text("unit"), single.GetProperty("stepSeconds").GetInt32()));

        var merged = await _silo.GetAsync($"/api/v1/devices/steps/series/power{range}&step=2");
        Assert.Equal([start, start + 2000, start + 4000], merged.Rows().Select(r => r.GetProperty("start").GetDateTimeOffset().ToUnixTimeMilliseconds()));
        Assert.Equal([6, 2, 6], merged.Rows().Select(r => r.Number("mean")));

        var one = Assert.Single((await _silo.GetAsync($"/api/v1/devices/steps/series/power{range}&step=1m")).Rows());
        Assert.Equal((6.0, 1.0, 10.0, 28 / 6.0, 4.0, 2.0), (one.Number("count"), one.Number("min"), one.Number("max"), one.Number("mean"), one.Number("first"), one.Number("last")));
        Assert.Equal(Math.Sqrt(values.Average(v => Math.Pow(v - values.Average(), 2))), one.Number("stddev"), 1e-9);
        Assert.InRange(one.Number("p50"), 3 * 0.99, 4 * 1.01);
        Assert.InRange(one.Number("p99"), 8 * 0.99, 10 * 1.01);
    }

    [Fact]
    public async Task Noise_and_signal_levels_have_a_power_mean_and_wind_directions_a_vector_mean()
    {
        var start = (Api.NowMs / 60_000 * 60_000) - 600_000;
        // More than sixteen a window, so that both ways of keeping one are passed.
        await _silo.PublishAsync("city/nam/sg/noise/mean-1", [.. Enumerable.Range(0, 20).Select(i => (start + (i * 40L), "laeq", i < 10 ? 60.0 : 70.0))]);
        await _silo.PublishAsync("city/nam/sg/weather/mean-2", (start, "winddir", 350), (start + 10, "winddir", 20));
        var range = $"?from={Api.Time(start)}&to={Api.Time(start + 60_000)}&step=1m";
        var noise = Assert.Single((await _silo.WaitForAsync("/api/v1/devices/mean-1/series/laeq" + range, s => s.Count() == 20, "the levels")).Rows());
        Assert.Equal((65.0, JsonValueKind.Null), (noise.Number("mean"), noise.GetProperty("vectorMean").ValueKind));
        Assert.Equal(10 * Math.Log10((Math.Pow(10, 6) + Math.Pow(10, 7)) / 2), noise.Number("powerMean"), 1e-9);
        var wind = Assert.Single((await _silo.WaitForAsync("/api/v1/devices/mean-2/series/winddir" + range, s => s.Count() == 2, "the directions")).Rows());
        Assert.Equal((185.0, JsonValueKind.Null), (wind.Number("mean"), wind.GetProperty("powerMean").ValueKind));
        Assert.Equal(5, wind.Number("vectorMean"), 1e-9);
        // Areas merge them.
        var area = await _silo.WaitForAsync($"/api/v1/areas/vn/series/weather/winddir{range}", s => s.Count() >= 2, "the directions of the nation");
        Assert.Equal(JsonValueKind.Number, area.Rows()[0].GetProperty("vectorMean").ValueKind);
    }

    [Fact]
    public async Task What_a_meter_has_counted_is_the_sum_of_its_rows_whatever_their_step_and_other_metrics_have_none()
    {
        var start = (Api.NowMs / 60_000 * 60_000) - 600_000;
        double[] values = [100, 104, 107, 3, 5, 11]; // one every two seconds; exchanged in between
        await _silo.PublishAsync("city/nam/sg/energy/meter-1", [.. values.Select((v, i) => (start + (i * 2000L), "energy", v)), (start, "power", 2)]);
        string Range(long from, int step) => $"?from={Api.Time(start + from)}&to={Api.Time(start + 60_000)}&step={step}";
        var rows = (await _silo.WaitForAsync("/api/v1/devices/meter-1/series/energy" + Range(0, 1), s => s.Count() == 6, "six readings")).Rows();
        Assert.Equal([0.0, 4, 3, 3, 2, 6], rows.Select(r => r.Number("increase")));
        Assert.Equal([0.0, 0, 0, 1, 0, 0], rows.Select(r => r.Number("resets")));
        Assert.Equal(rows.Select(r => r.Number("increase")), rows.Select(r => r.Number("ratePerSecond")));

        // A row that is asked for alone has the step from the reading before it.
        Assert.Equal([3.0, 2, 6], (await _silo.GetAsync("/api/v1/devices/meter-1/series/energy" + Range(6000, 1))).Rows().Select(r => r.Number("increase")));
        var merged = (await _silo.GetAsync("/api/v1/devices/meter-1/series/energy" + Range(0, 4))).Rows();
        Assert.Equal([4.0, 6, 8], merged.Select(r => r.Number("increase")));
        Assert.Equal([1.0, 1.5, 2], merged.Select(r => r.Number("ratePerSecond")));
        var minute = Assert.Single((await _silo.GetAsync("/api/v1/devices/meter-1/series/energy" + Range(0, 60))).Rows());
        Assert.Equal((18.0, 1.0, 0.3), (minute.Number("increase"), minute.Number("resets"), minute.Number("ratePerSecond")));

        var power = Assert.Single((await _silo.WaitForAsync("/api/v1/devices/meter-1/series/power" + Range(0, 60), s => s.Count() == 1, "the power")).Rows());
        Assert.All((string[])["increase", "resets", "ratePerSecond"], name => Assert.Equal(JsonValueKind.Null, power.GetProperty(name).ValueKind));

        // Its areas, with a second meter.
        await _silo.PublishAsync("city/nam/sg/energy/meter-2", (start, "energy", 9000), (start + 2000, "energy", 9010));
        var area = await _silo.WaitForAsync("/api/v1/areas/sg/series/energy/energy" + Range(0, 60), s => s.Count() == 8, "the unit's row");
        Assert.Equal((28.0, 1.0), (area.Rows()[0].Number("increase"), area.Rows()[0].Number("resets")));
    }

    [Fact]
    public async Task A_day_is_a_day_of_Vietnam_and_a_late_reading_corrects_it_at_once_and_for_good()
    {
        const long Day = 86_400_000;
        var midnight = (Api.NowMs / Day * Day) - (10 * Day) - (7 * 3_600_000); // 00:00 in Vietnam
        await _silo.PublishAsync("city/nam/sg/energy/days", (midnight - 1000, "power", 1), (midnight, "power", 2), (midnight + Day - 1000, "power", 4), (midnight + Day, "power", 8));
        var range = $"?from={Api.Time(midnight - 1000)}&to={Api.Time(midnight + Day + 1000)}&step=1d";
        var device = await _silo.WaitForAsync("/api/v1/devices/days/series/power" + range, s => s.Count() == 4, "four readings");
        Assert.Equal([midnight - Day, midnight, midnight + Day], device.Rows().Select(r => r.GetProperty("start").GetDateTimeOffset().ToUnixTimeMilliseconds()));
        Assert.Equal([1, 3, 8], device.Rows().Select(r => r.Number("mean")));

        await _silo.WaitForAsync("/api/v1/ledger?device=days", l => l.Number("buffered") == 0, "the windows in the store");
        await _silo.PublishAsync("city/nam/sg/energy/days", (midnight + 5000, "power", 9));
        foreach (var path in (string[])["devices/days/series/power", "areas/vn/series/energy/power"])
        {
            var day = await _silo.WaitForAsync($"/api/v1/{path}{range}", s => s.Rows().Count == 3 && s.Rows()[1].Number("count") == 3, $"the late reading in the day of {path}");
            Assert.Equal((2.0, 9.0, 5.0), (day.Rows()[1].Number("min"), day.Rows()[1].Number("max"), day.Rows()[1].Number("mean")));
        }
    }

    [Fact]
    public async Task The_latest_value_is_the_last_measured_not_the_last_received()
    {
        var now = Api.NowMs;
        await _silo.PublishAsync("city/nam/sg/light/latest", (now, "power", 100), (now - 5000, "power", 60));
        await _silo.LedgerAsync(2, "latest");
        await _silo.WaitForValueAsync("latest", "power", 100);
        var late = await _silo.WaitForAsync("/api/v1/devices/latest/series/power", s => s.Count() == 2, "both readings in the series");
        Assert.Equal(60, late.Rows()[0].Number("mean"));
    }

    [Fact]
    public async Task Closed_windows_roll_up_from_unit_to_region_to_nation()
    {
        var start = (Api.NowMs / 1000 * 1000) - 30_000;
        await _silo.PublishAsync("city/bac/vp/parking/lot-1", (start, "occupied", 10), (start + 1000, "occupied", 20));
        await _silo.PublishAsync("city/bac/vp/parking/lot-2", (start, "occupied", 30));
        await _silo.PublishAsync("city/bac/hy/parking/lot-3", (start, "occupied", 40));
        await _silo.PublishAsync("city/trung/bdi/parking/lot-4", (start, "occupied", 50));
        var range = $"?from={Api.Time(start)}&to={Api.Time(start + 2000)}";
        foreach (var (area, count, mean) in (IEnumerable<(string, int, double)>)[("vp", 2, 20), ("hy", 1, 40), ("bac", 3, 80 / 3.0), ("bdi", 1, 50), ("trung", 1, 50), ("vn", 4, 130 / 4.0)])
        {
            var series = await _silo.WaitForAsync(
                $"/api/v1/areas/{area}/series/parking/occupied{range}", s => s.Rows().FirstOrDefault() is { ValueKind: JsonValueKind.Object } row && row.Number("count") >= count, $"{count} readings in {area}");
            Assert.Equal(count, series.Rows()[0].Number("count"));
            Assert.Equal(mean, series.Rows()[0].Number("mean"), 1e-9);
            Assert.Equal((area, "parking", "spaces"), (series.Text("area"), series.Text("kind"), series.Text("unit")));
        }

        Assert.Empty((await _silo.GetAsync($"/api/v1/areas/nam/series/parking/occupied{range}")).Rows());
    }
}
