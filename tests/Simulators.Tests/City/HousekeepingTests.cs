using System.Text.Json;
using SmartCity.Contracts;

namespace SmartCity.Simulators.Tests;

/// <summary>What devices say of themselves, in the traffic as it is sent.</summary>
public sealed class HousekeepingTests
{
    private static readonly DateTimeOffset s_april = new(2026, 4, 6, 17, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_january = new(2026, 1, 11, 17, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_july = new(2026, 7, 12, 17, 0, 0, TimeSpan.Zero);
    private static readonly CityOptions s_city = new() { Devices = 400, Rate = 3 };
    private static readonly string[] s_battery = ["noise", "waste", "water", "weather"];
    private static readonly Lazy<List<CitySample>> s_week = new(() => [.. CitySample.Of(s_city with { Rate = 0.5 }, s_april, TimeSpan.FromDays(9))
        .Where(s => s.Metric is "rssi" or "battery" or "fw" or "uptime" or "energy")]);

    [Fact]
    public void Every_tenth_message_of_a_fixed_sensor_has_its_signal_firmware_and_uptime_and_the_charge_where_there_is_a_battery()
    {
        var byMessage = CitySample.Of(s_city, s_april, TimeSpan.FromHours(6)).GroupBy(s => (s.Kind, s.Device, s.Time)).ToList();
        foreach (var kind in byMessage.GroupBy(m => m.Key.Kind))
        {
            var reports = kind.Where(m => m.Any(s => s.Metric == "rssi")).ToList();
            if (kind.Key is "cell" or "mdt")
            {
                Assert.Empty(reports);
                continue;
            }

            Assert.InRange(reports.Count / (double)kind.Count(), 0.07, 0.13);
            Assert.All(kind.SelectMany(m => m).DistinctBy(s => s.Metric), s => Assert.NotNull(KindCatalog.Find(kind.Key)!.FindMetric(s.Metric)));
            Assert.All(reports, m => Assert.Equal(s_battery.Contains(kind.Key) ? ["battery", "fw", "rssi", "uptime"] : ["fw", "rssi", "uptime"], m.Select(s => s.Metric).Where(n => n is "battery" or "fw" or "rssi" or "uptime").Order()));
            Assert.Equal(s_battery.Contains(kind.Key), KindCatalog.Find(kind.Key)!.FindMetric("battery") is not null);
        }
    }

    [Fact]
    public void Firmware_goes_out_in_nightly_waves_and_only_upwards_and_restarts_the_device_but_not_its_energy_counter()
    {
        var updates = new List<CitySample>();
        foreach (var device in s_week.Value.GroupBy(s => s.Device))
        {
            var (versions, uptimes) = (device.Where(s => s.Metric == "fw").ToList(), device.Where(s => s.Metric == "uptime").ToList());
            for (var i = 1; i < versions.Count; i++)
            {
                if (versions[i].Value == versions[i - 1].Value)
                {
                    var passed = (uptimes[i].Time.UnixMs - uptimes[i - 1].Time.UnixMs) / 1000.0;
                    Assert.True(Math.Abs(uptimes[i].Value - uptimes[i - 1].Value - passed) <= 1 || uptimes[i].Value == 0, $"{device.Key}: uptime grows with time, or the battery was changed");
                    continue;
                }

                updates.Add(versions[i]);
                Assert.True(versions[i].Value > versions[i - 1].Value, $"{device.Key} goes back to {versions[i].Value}");
                var restarted = new DayTime(uptimes[i].Time.UnixMs - (long)(uptimes[i].Value * 1000));
                Assert.InRange(restarted.UnixMs, versions[i - 1].Time.UnixMs, versions[i].Time.UnixMs);
                Assert.InRange(restarted.Hour, 1, 4.001);
            }

            var energy = device.Where(s => s.Metric == "energy").Select(s => s.Value).ToList();
            Assert.Equal(energy.Order(), energy);
        }

        // Each device once or twice in nine days; of a kind, few on the first night, more on the second, most on the third.
        Assert.Equal(s_week.Value.Where(s => s.Metric == "fw").Select(s => s.Device).Distinct().Order(), updates.Select(s => s.Device).Distinct().Order());
        foreach (var kind in updates.GroupBy(s => s.Kind).Where(k => k.Select(s => s.Device).Distinct().Count() > 30))
        {
            var release = kind.GroupBy(s => s.Value).OrderByDescending(g => g.Count()).First().GroupBy(s => Math.Floor(s.Time.Day)).OrderBy(g => g.Key).Select(g => g.Count()).ToList();
            Assert.InRange(release.Count, 2, 4);
            Assert.Equal(release[^1], release.Max());
        }
    }

    [Fact]
    public void Batteries_empty_and_are_changed_in_working_hours_and_panels_charge_by_day()
    {
        var ends = new List<(CitySample Before, CitySample After)>();
        foreach (var device in CitySample.Of(new() { Devices = 80, Rate = 0.07, Regions = ["nam"] }, s_april, TimeSpan.FromDays(100)).Where(s => s is { Metric: "battery", Kind: "noise" or "waste" }).GroupBy(s => s.Device))
            ends.AddRange(device.Zip(device.Skip(1)).Where(p => p.Second.Value > p.First.Value));
        Assert.NotEmpty(ends);
        Assert.All(ends, e => Assert.True(e.Before.Value < 14 && e.After.Value > 95 && e.After.Time.Hour is > 8 and < 17, $"{e.Before} {e.After}"));

        var solar = s_week.Value.Where(s => s is { Metric: "battery", Kind: "weather" or "water" }).ToLookup(s => (int)s.Time.Hour, s => s.Value);
        Assert.True(solar[13].Average() > solar[5].Average() + 4, $"{solar[13].Average()} at one, {solar[5].Average()} before sunrise");
    }

    [Fact]
    public void Heat_and_many_messages_empty_a_battery_faster()
    {
        double Fall(DateTimeOffset start, double rate) => CitySample.Of(new() { Devices = 120, Rate = rate, Regions = ["bac"] }, start, TimeSpan.FromDays(2), "waste")
            .Where(s => s.Metric == "battery").GroupBy(s => s.Device).Average(d => Math.Max(0, d.First().Value - d.Last().Value));
        Assert.True(Fall(s_july, 0.5) > 1.15 * Fall(s_january, 0.5), "summer");
        Assert.True(Fall(s_january, 5) > 1.3 * Fall(s_january, 0.5), "ten times as many messages");
    }

    [Fact]
    public void A_typhoon_weakens_signals_and_what_badly_placed_devices_measure_then_is_never_sent_with_that_cause()
    {
        var storm = ScenarioReader.Parse("name: s\nevents:\n  - {kind: typhoon, from: 06:00, for: 8h, units: [dn, hue, qna, qng], strength: 1}", "s.yaml");
        var calm = CitySample.Of(s_city with { Regions = ["trung"], Rate = 1 }, s_january, TimeSpan.FromHours(24)).ToList();
        var wet = CitySample.Of(s_city with { Regions = ["trung"], Rate = 1, Scenarios = [storm] }, s_january, TimeSpan.FromHours(24)).ToList();
        bool Raining(CitySample s) => s.Unit is "dn" or "hue" or "qng" && s.Time.Hour is > 8 and < 12;
        double Rssi(List<CitySample> of) => of.Where(s => s.Metric == "rssi" && Raining(s)).Average(s => s.Value);
        Assert.InRange(Rssi(calm) - Rssi(wet), 9, 20);
        var lost = wet.Where(s => s.OffBecause is not null).ToList();
        Assert.NotEmpty(lost);
        Assert.All(lost, s => Assert.True(s.OffBecause == "signal-loss" && s.Unit is "dn" or "hue" or "qng" && s.Time.Hour is > 5.9 and < 14.1 && s.Kind is not ("mdt" or "cell"), s.ToString()));
        Assert.True(lost.Select(s => s.Device).Distinct().Count() < wet.Select(s => s.Device).Distinct().Count() / 3, "most devices are heard");
        Assert.DoesNotContain(wet, s => s.Metric == "rssi" && s.OffBecause is null && s.Value < -118);
    }

    [Fact]
    public void A_message_without_signal_is_in_the_truth_as_never_sent_with_that_cause_beside_the_scenarios_that_hold_others()
    {
        var storm = ScenarioReader.Parse("name: s\nevents:\n  - {kind: typhoon, from: 06:00, for: 8h, units: [dn], strength: 2}\n  - {kind: power-cut, from: 09:00, for: 2h, units: [dn], ward: 2}", "s.yaml");
        using var traffic = new FaultyTraffic(s_city with { Regions = ["trung"], Scenarios = [storm] }, new(), s_january.ToUnixTimeMilliseconds());
        var causes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        while (traffic.TryNext(s_january.AddHours(14).ToUnixTimeMilliseconds()) is { } message)
        {
            Assert.Equal(message.Faults.Count > 0, message.Route == SendRoute.Lost);
            foreach (var cause in message.Faults) causes[cause] = causes.GetValueOrDefault(cause) + 1;
        }

        Assert.Equal(["scenario:power-cut", "signal-loss"], causes.Keys);
    }

    [Fact]
    public void After_a_power_cut_devices_on_the_grid_have_just_started_and_those_with_a_battery_went_on()
    {
        var cut = ScenarioReader.Parse("name: s\nevents:\n  - {kind: power-cut, from: 09:00, for: 2h, ward: 2}", "s.yaml");
        var after = CitySample.Of(s_city with { Rate = 1, Scenarios = [cut] }, s_april, TimeSpan.FromHours(15)).ToList();
        var off = after.Where(s => s.OffBecause is not null).Select(s => s.Device).ToHashSet();
        var uptimes = after.Where(s => s.Metric == "uptime" && off.Contains(s.Device) && s.Time.Hour is > 12 and < 14).ToList();
        Assert.All(uptimes.Where(s => !s_battery.Contains(s.Kind)), s => Assert.InRange(s.Value, 3600, (3 * 3600) + 1800));
        Assert.All(uptimes.Where(s => s_battery.Contains(s.Kind)), s => Assert.True(s.Value is < 3600 or > 4 * 3600, s.ToString()));
        Assert.Contains(uptimes, s => !s_battery.Contains(s.Kind));
        Assert.Contains(uptimes, s => s_battery.Contains(s.Kind));
    }

    [Fact]
    public void After_a_month_without_measurements_devices_go_on_with_charge_firmware_and_uptime_of_that_day()
    {
        var startMs = s_april.ToUnixTimeMilliseconds();
        var resumeMs = s_april.AddDays(31).ToUnixTimeMilliseconds();
        using var traffic = new CityTraffic(s_city, startMs);
        while (traffic.TryNext(startMs + 3_600_000)) { } // devices have begun
        traffic.SkipTo(resumeMs);
        var (reports, charged) = (0, new List<double>());
        while (traffic.TryNext(resumeMs + 7_200_000))
        {
            using var json = JsonDocument.Parse(traffic.Payload);
            if (!json.RootElement.TryGetProperty("uptime", out var uptime)) continue;
            reports++;
            Assert.InRange(uptime.GetDouble(), 0, 10 * 86_400);
            if (json.RootElement.TryGetProperty("battery", out var battery)) charged.Add(battery.GetDouble());
        }

        Assert.True(reports > 500, $"{reports} reports");
        Assert.All(charged, c => Assert.InRange(c, 1, 98));
        Assert.True(charged.Average() > 30, $"{charged.Average()} %");
    }
}
